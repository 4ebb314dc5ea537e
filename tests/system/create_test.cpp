// POST /v1/news/{type}: what goes in, what is refused and how.
#include <algorithm>
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

TEST_CASE("an item may be written in HTML or Markdown, and its writer is told what was left out",
          "[system]") {
    auto& portal = shared_portal();
    auto item = new_item("Late goal", {{"content_format", "html"},
                                       {"content",
                                        "<p onclick=x>In the <b>94th</b>.</p>"
                                        "<script>alert(1)</script>"}});
    auto answer = portal.post("/v1/news/sports", item);
    REQUIRE(answer.status == 201);
    CHECK(answer.news().at("content") == "<p>In the <strong>94th</strong>.</p>");
    CHECK(answer.news().at("content_format") == "html");
    auto warnings = answer.json().at("warnings");
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].at("code") == "event_handler_dropped");
    CHECK(warnings[1].at("code") == "script_dropped");
    auto path = tests::path_of(answer.news());
    CHECK_FALSE(portal.get(path).json().contains("warnings"));

    json change{{"id", answer.news()["id"]},
                {"version", 1},
                {"content_format", "markdown"},
                {"content", "It *counted*. [More](javascript:alert(1))"}};
    auto changed = portal.put("/v1/news/sports", change);
    REQUIRE(changed.status == 201);
    CHECK(changed.news().at("content") == "<p>It <em>counted</em>. More</p>");
    CHECK(changed.news().at("content_format") == "html");
    CHECK(changed.json().at("warnings")[0].at("code") == "link_dropped");
    CHECK(portal.get(path).news() == changed.news());

    change = {{"id", answer.news()["id"]}, {"version", 2}, {"content", "<script>x</script>"}};
    CHECK(failure_faults(portal.put("/v1/news/sports", change), 422, "invalid_news") == "");
    // What is sent back as it was read changes nothing, and needs no warning.
    change = changed.news();
    auto same = portal.put("/v1/news/sports", change);
    REQUIRE(same.status == 201);
    CHECK_FALSE(same.json().contains("warnings"));
    CHECK(same.news().at("content") == changed.news().at("content"));
}

TEST_CASE("an item says who wrote it, what it shows, its language and what belongs to it",
          "[system]") {
    auto& portal = shared_portal();
    json metadata = {
        {"authors", {12, 7}},
        {"images", json::array({{{"media", 501}, {"alt", "Two boats"}, {"role", "lead"}}})},
        {"language", "pt-BR"},
        {"translations", json::array({{{"language", "en"}, {"type", "world"}, {"id", 9}}})},
        {"related", json::array({{{"type", "sports"}, {"id", 5}}})},
        {"canonical_url", "https://example.org/late-goal"}};
    auto item = new_item("Said besides", metadata);
    item.erase("description");
    item["summary"] = "In short.";
    auto made = portal.post("/v1/news/famous", item);
    REQUIRE(made.status == 201);
    CHECK(made.news().at("description") == "In short.");
    auto path = tests::path_of(made.news());
    CHECK(portal.get(path).news() == made.news());
    auto listed = portal.get("/v1/news/famous/1/100").json().at("news");
    CHECK(std::find(listed.begin(), listed.end(), made.news()) != listed.end());
    for (const auto& [name, value] : metadata.items()) CHECK(made.news().at(name) == value);

    auto some = portal.get("/v1/news/famous?limit=100&fields=id,images,language").json().at("news");
    json expected{{"id", made.news()["id"]}, {"images", metadata["images"]}, {"language", "pt-BR"}};
    CHECK(std::find(some.begin(), some.end(), expected) != some.end());

    // What is sent back as it was read changes nothing but the version.
    auto same = portal.put("/v1/news/famous", made.news());
    REQUIRE(same.status == 201);
    json nothing{{"id", made.news()["id"]}, {"version", 2}, {"summary", nullptr}};
    for (const auto& [name, value] : metadata.items()) nothing[name] = nullptr;
    auto ended = portal.put("/v1/news/famous", nothing);
    REQUIRE(ended.status == 201);
    CHECK(ended.news().at("description") == "");
    for (const auto& [name, value] : metadata.items()) CHECK_FALSE(ended.news().contains(name));
    auto history = portal.get(path + "/history").json().at("history");
    REQUIRE(history.size() == 3);
    CHECK(history[1].at("changes") == json::object());
    CHECK(history[2].at("changes").at("language") == json{"pt-BR", nullptr});

    json wrong{{"id", made.news()["id"]}, {"version", 3},       {"language", "portuguese"},
               {"summary", "S"},          {"description", "D"}, {"authors", {7, 7}}};
    CHECK(failure_faults(portal.put("/v1/news/famous", wrong), 422, "invalid_news") == "");
    wrong = {{"id", made.news()["id"]}, {"version", 3}, {"related", "sports/5"}};
    CHECK(failure_faults(portal.put("/v1/news/famous", wrong), 400, "malformed_news") == "");
}

TEST_CASE("several changes are made together, or none of them", "[system]") {
    auto& portal = shared_portal();
    auto create = new_item("Batch one", {{"command", "create"}, {"status", "draft"}});
    auto made = portal.post("/v1/news/sports/batch", {{"commands", {create, create}}});
    REQUIRE(made.status == 200);
    REQUIRE(made.news().size() == 2);
    auto item = made.news()[0];
    CHECK(item.at("status") == "draft");
    json publish{{"command", "publish"}, {"id", item["id"]}, {"version", 1}};
    json revise{{"command", "revise"}, {"id", item["id"]}, {"version", 2}, {"title", "Two"}};
    json remove{{"command", "remove"}, {"id", made.news()[1]["id"]}};
    json all{{"commands", {publish, revise, remove}}};
    support::Fields key{{"Idempotency-Key", "batch-of-three"}};
    auto done = portal.post("/v1/news/sports/batch", all, key);
    REQUIRE(done.status == 200);
    CHECK(done.news()[1].at("title") == "Two");
    CHECK(done.news()[1].at("version") == 3);
    CHECK(done.news()[2].at("status") == "removed");
    CHECK(portal.get(tests::path_of(item)).news() == done.news()[1]);
    CHECK(portal.post("/v1/news/sports/batch", all, key).json() == done.json());

    json html{{"command", "create"},         {"title", "T"},      {"author", "Ann"},
              {"content", "<p onclick=x>y"}, {"status", "draft"}, {"content_format", "html"}};
    auto cleaned = portal.post("/v1/news/sports/batch", {{"commands", {create, html}}});
    REQUIRE(cleaned.status == 200);
    CHECK(cleaned.json().at("warnings")[0].at("field") == "commands[1].content");
    CHECK_FALSE(made.json().contains("warnings"));

    auto again = portal.post("/v1/news/sports/batch", all);
    CHECK(failure_faults(again, 409, "version_conflict") == "");
    CHECK(again.json().at("details")[0].at("field") == "commands[0]");
    for (const auto& bad : {json::object(), json{{"commands", 7}}, json{{"commands", {7}}},
                            json{{"commands", {json{{"command", "erase"}, {"id", 1}}}}},
                            json{{"commands", {json{{"command", "publish"}}}}},
                            json{{"commands", {json{{"command", "revise"}, {"id", 1}}}}}}) {
        INFO(bad);
        CHECK(failure_faults(portal.post("/v1/news/sports/batch", bad), 400, "malformed_batch") ==
              "");
    }
    json none{{"commands", json::array()}};
    CHECK(failure_faults(portal.post("/v1/news/sports/batch", none), 422, "invalid_batch") == "");
    json large{{"commands", {create}}};
    large["commands"][0]["extra"] = {{"x", std::string(9 * 1024 * 1024, 'x')}};
    CHECK(failure_faults(portal.post("/v1/news/sports/batch", large), 413, "body_too_large") == "");
    CHECK(portal.get(tests::path_of(item)).news() == done.news()[1]);
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
