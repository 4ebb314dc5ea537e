// POST /v1/news/{type}: what goes in, what is refused and how.
#include <set>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::failure_faults;
using support::new_item;
using tests::shared_portal;

namespace {

std::string repeated(const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
}

/// `depth` containers in each other, the whole body counted.
std::string nested(int depth) {
    return R"({"title":"t","content":"c","author":"a","deep":)" + repeated("[", depth - 1) +
           repeated("]", depth - 1) + "}";
}

}  // namespace

TEST_CASE("a created item comes back whole, with its place and its first version", "[system]") {
    auto& portal = shared_portal();
    json item = {{"title", "Cup final"},
                 {"description", "Two teams."},
                 {"content", "They played."},
                 {"author", "Ann Ügly"},
                 {"tags", {"football", "cup"}}};

    auto answer = portal.post("/v1/news/sports", item);

    REQUIRE(answer.status == 201);
    CHECK(answer.field("Content-Type").starts_with("application/json"));
    CHECK(answer.json().at("status") == "success");
    CHECK(answer.json().size() == 2);
    auto news = answer.news();
    CHECK(support::item_faults(news) == "");
    for (const auto& [name, value] : item.items()) CHECK(news.at(name) == value);
    CHECK(news.at("version") == 1);
    CHECK(news.at("news_type") == "sports");
    CHECK(news.at("status") == "published");
    CHECK(news.at("created_at") == news.at("updated_at"));
    CHECK(answer.field("Location") == tests::path_of(news));

    auto read = portal.get(answer.field("Location"));
    CHECK(read.status == 200);
    CHECK(read.json() == answer.json());
}

TEST_CASE("a body that is not JSON of the right form is refused as malformed", "[system]") {
    auto& portal = shared_portal();
    struct Case {
        std::string body;
        std::string code;
    };
    const Case cases[] = {
        {"", "malformed_json"},
        {"{", "malformed_json"},
        {R"({"title":"t",})", "malformed_json"},
        {R"({"title":"t"} {})", "malformed_json"},
        {R"({'title':'t'})", "malformed_json"},
        {"{\"title\":\"\xff\",\"content\":\"c\",\"author\":\"a\"}", "malformed_json"},
        {R"({"title":"\ud800","content":"c","author":"a"})", "malformed_json"},
        {R"({"title":"t","title":"u","content":"c","author":"a"})", "malformed_json"},
        {R"({"title":"t","content":"c","author":"a","x":{"y":1,"y":1}})", "malformed_json"},
        {R"({"title":"t","content":"c","author":"a","x":1e999})", "malformed_json"},
        {nested(33), "malformed_json"},
        {nested(5000), "malformed_json"},
        {"[]", "malformed_news"},
        {R"("title")", "malformed_news"},
        {"null", "malformed_news"},
        {R"({"title":5,"content":"c","author":"a"})", "malformed_news"},
        {R"({"title":null,"content":"c","author":"a"})", "malformed_news"},
        {R"({"title":"t","content":"c","author":"a","tags":"x"})", "malformed_news"},
        {R"({"title":"t","content":"c","author":"a","tags":[1]})", "malformed_news"},
        {R"({"title":"t","content":"c","author":"a","published_at":5})", "malformed_news"},
        {R"({"title":"t","content":"c","author":"a","status":true})", "malformed_news"},
    };
    for (const auto& one : cases) {
        INFO(one.body.substr(0, 200));
        auto answer =
            portal.ask("POST", "/v1/news/sports", one.body, {{"Content-Type", "application/json"}});
        CHECK(failure_faults(answer, 400, one.code) == "");
    }
}

TEST_CASE("JSON that breaks a rule is refused with all its problems at once", "[system]") {
    auto& portal = shared_portal();
    using Names = std::vector<std::string>;
    struct Case {
        json body;
        Names fields;
    };
    const Case cases[] = {
        {json::object(), {"title", "content", "author"}},
        {new_item(""), {"title"}},
        {new_item("  \t "), {"title"}},
        {new_item(repeated("é", 201)), {"title"}},
        {new_item("t", {{"description", repeated("d", 501)}}), {"description"}},
        {new_item("t", {{"content", ""}}), {"content"}},
        {new_item("t", {{"content", repeated("c", 200001)}}), {"content"}},
        {new_item("t", {{"author", repeated("a", 51)}}), {"author"}},
        {new_item("t", {{"tags", {repeated("x", 51)}}}), {"tags"}},
        {new_item("t", {{"tags", {" "}}}), {"tags"}},
        {new_item("t", {{"published_at", "yesterday"}}), {"published_at"}},
        {new_item("t", {{"published_at", "2026-02-30T00:00:00Z"}}), {"published_at"}},
        {new_item("t", {{"status", "removed"}}), {"status"}},
        {new_item("", {{"author", ""}, {"content", ""}, {"status", "?"}}),
         {"title", "author", "content", "status"}},
    };
    for (const auto& one : cases) {
        INFO(one.body.dump().substr(0, 200));
        auto answer = portal.post("/v1/news/sports", one.body);
        CHECK(failure_faults(answer, 422, "invalid_news") == "");
        auto named = support::fields_in_details(answer);
        CHECK(std::set<std::string>(named.begin(), named.end()) ==
              std::set<std::string>(one.fields.begin(), one.fields.end()));
        CHECK(named.size() == one.fields.size());
    }
    json tags = json::array();
    for (int i = 0; i < 21; ++i) tags.push_back("tag " + std::to_string(i));
    auto answer = portal.post("/v1/news/sports", new_item("t", {{"tags", tags}}));
    CHECK(failure_faults(answer, 422, "invalid_news") == "");
}

TEST_CASE("the longest texts that are allowed go in, counted in code points", "[system]") {
    auto& portal = shared_portal();
    json tags = json::array();
    for (int i = 10; i < 30; ++i) tags.push_back(repeated("ß", 48) + std::to_string(i));
    json item = {{"title", repeated("😀", 200)},
                 {"description", repeated("é", 500)},
                 {"content", repeated("语", 200000)},
                 {"author", repeated("Ж", 50)},
                 {"tags", tags}};

    auto news = tests::create(portal, "famous", item);

    for (const auto& [name, value] : item.items()) CHECK((news.at(name) == value));
    CHECK((portal.get(tests::path_of(news)).news() == news));
}

TEST_CASE("members that a caller may not set, or that are unknown, are ignored", "[system]") {
    auto& portal = shared_portal();
    auto wanted = new_item("ignored members", {{"created_at", "2001-01-01T00:00:00Z"},
                                               {"updated_at", "2001-01-01T00:00:00Z"},
                                               {"news_type", "politics"},
                                               {"role", "admin"},
                                               {"source_id", "x1"},
                                               {"deep", json::parse("[[[[]]]]")}});

    auto news = tests::create(portal, "sports", wanted);

    CHECK(support::item_faults(news) == "");
    CHECK(news.at("version") == 1);
    CHECK(news.at("news_type") == "sports");
    CHECK(news.at("created_at") > "2020");
    auto at_the_limit =
        portal.ask("POST", "/v1/news/sports", nested(32), {{"Content-Type", "application/json"}});
    CHECK(at_the_limit.status == 201);
}

TEST_CASE("the content type must be JSON, in any case and with parameters", "[system]") {
    auto& portal = shared_portal();
    auto body = new_item("typed").dump();
    for (const char* type :
         {"application/json", "Application/JSON", "application/json; charset=utf-8",
          "application/json;charset=UTF-8;x=y"}) {
        INFO(type);
        CHECK(portal.ask("POST", "/v1/news/sports", body, {{"Content-Type", type}}).status == 201);
    }
    for (const char* type : {"text/plain", "application/jsonp", "application/x-www-form-urlencoded",
                             "application/problem+json", ""}) {
        INFO(type);
        auto answer = portal.ask("POST", "/v1/news/sports", body, {{"Content-Type", type}});
        CHECK(failure_faults(answer, 415, "unsupported_media_type") == "");
    }
    CHECK(failure_faults(portal.ask("POST", "/v1/news/sports", body), 415,
                         "unsupported_media_type") == "");
}

TEST_CASE("a body over one mebibyte is refused, one under it is not for its size", "[system]") {
    auto& portal = shared_portal();
    auto body = new_item("large").dump();
    std::string spaces(1024 * 1024 - body.size(), ' ');
    support::Fields json_body = {{"Content-Type", "application/json"}};

    CHECK(portal.ask("POST", "/v1/news/sports", body + spaces, json_body).status == 201);
    auto refused = portal.ask("POST", "/v1/news/sports", body + spaces + " ", json_body);
    CHECK(failure_faults(refused, 413, "body_too_large") == "");
    CHECK(refused.field("Connection") == "close");

    support::HttpClient chunked(portal.address());
    chunked.send(
        support::head_of("POST", "/v1/news/sports",
                         {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}}));
    for (int i = 0; i < 17; ++i) {
        if (!chunked.send("10000\r\n" + std::string(65536, ' ') + "\r\n")) break;
    }
    CHECK(failure_faults(chunked.receive(), 413, "body_too_large") == "");
}

TEST_CASE("publication at creation: now, in the past, in the future, or not", "[system]") {
    auto& portal = shared_portal();
    auto past = tests::create(portal, "sports",
                              new_item("past", {{"published_at", "2021-05-04T12:20:30.5+02:00"}}));
    CHECK(past.at("status") == "published");
    CHECK(past.at("published_at") == "2021-05-04T10:20:30.500Z");

    auto draft = tests::create(portal, "sports", new_item("draft", {{"status", "draft"}}));
    CHECK(draft.at("status") == "draft");
    CHECK(draft.at("published_at").is_null());

    auto time = tests::time_from_now(1h);
    auto scheduled = tests::create(portal, "sports", new_item("later", {{"published_at", time}}));
    CHECK(scheduled.at("status") == "draft");
    CHECK(scheduled.at("published_at") == time);

    auto null_time = tests::create(portal, "sports", new_item("now", {{"published_at", nullptr}}));
    CHECK(null_time.at("status") == "published");
    CHECK(null_time.at("published_at") <= null_time.at("created_at"));
}

TEST_CASE("tags are trimmed and otherwise kept as given", "[system]") {
    auto& portal = shared_portal();
    auto news = tests::create(portal, "sports",
                              new_item("tags", {{"tags", {" Cup ", "cup", "Ünïcode/ä b", "a,b"}}}));
    CHECK(news.at("tags") == json({"Cup", "cup", "Ünïcode/ä b", "a,b"}));
}

TEST_CASE("ids are whole numbers that sort by creation and do not count up", "[system]") {
    auto& portal = shared_portal();
    std::set<std::int64_t> ids;
    for (int i = 0; i < 20; ++i) {
        ids.insert(
            tests::create(portal, "sports", new_item("one of many")).at("id").get<std::int64_t>());
    }
    CHECK(ids.size() == 20);
    CHECK(*ids.rbegin() - *ids.begin() > 100);
    CHECK(*ids.begin() > (std::int64_t{1} << 21));
}
