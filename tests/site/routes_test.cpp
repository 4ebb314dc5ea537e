// The routes: what a request means, and what an answer looks like.
#include "fixture.hpp"

namespace site {

namespace {

using http::Method;
using nlohmann::json;

std::string field(const http::Response& response, const std::string& name) {
    for (const auto& [its_name, value] : response.fields) {
        if (its_name == name) return value;
    }
    return "";
}

std::string error_of(const http::Response& response) {
    return Fixture::json_of(response).value("error", "");
}

constexpr const char* redirects = "/v1/newsroom/redirects";
constexpr const char* front = "/v1/lists/front";

}  // namespace

TEST_CASE("redirects are put, resolved and listed", "[site]") {
    Fixture site;
    site.open();
    auto put = site.ask({Method::put, redirects,
                         R"({"redirects":[{"from":"/a","to":"/b"},)"
                         R"({"from":"/c","to":"https://example.org/","permanent":false},)"
                         R"({"from":"/gone","to":null}]})"});
    CHECK(put.status == 200);
    CHECK(Fixture::json_of(put) ==
          json{{"stored", 3}, {"removed", 0}, {"unchanged", 0}, {"total", 3}});

    struct Row {
        const char* query;
        json answer;
    };
    const Row rows[] = {
        {"/a", {{"path", "/a"}, {"to", "/b"}, {"status", 301}}},
        {"%2F%61", {{"path", "/a"}, {"to", "/b"}, {"status", 301}}},
        {"/c", {{"path", "/c"}, {"to", "https://example.org/"}, {"status", 302}}},
        {"/gone", {{"path", "/gone"}, {"to", nullptr}, {"status", 410}}},
    };
    for (const auto& [query, expected] : rows) {
        CAPTURE(query);
        auto answer = site.ask({Method::get, std::string("/v1/resolve?path=") + query});
        CHECK(answer.status == 200);
        CHECK(Fixture::json_of(answer) == expected);
    }
    auto missing = site.ask({Method::get, "/v1/resolve?path=/b"});
    CHECK(missing.status == 404);
    CHECK(error_of(missing) == "path_not_found");
    for (const char* target : {"/v1/resolve", "/v1/resolve?path=", "/v1/resolve?path=a",
                               "/v1/resolve?path=//example.org", "/v1/resolve?path=/a/../b"}) {
        CAPTURE(target);
        auto malformed = site.ask({Method::get, target});
        CHECK(malformed.status == 400);
        CHECK(error_of(malformed) == "malformed_path");
    }
}

TEST_CASE("a walk over the redirects sees each once", "[site]") {
    Fixture site;
    site.open();
    std::vector<RedirectChange> changes;
    for (int i = 10; i < 35; ++i) changes.push_back(lead("/" + std::to_string(i), "/x"));
    REQUIRE(site.put(changes));
    std::vector<std::string> seen;
    std::string target = std::string(redirects) + "?limit=10";
    std::size_t pages = 0;
    for (std::string cursor; ++pages < 10;) {
        auto answer = site.ask({Method::get, target + "&cursor=" + cursor});
        REQUIRE(answer.status == 200);
        CHECK(answer.cache_control == "private, no-cache");
        auto body = Fixture::json_of(answer);
        for (const auto& redirect : body.at("redirects")) seen.push_back(redirect.at("from"));
        if (body.at("next").is_null()) break;
        cursor = body.at("next");
    }
    CHECK(pages == 3);
    REQUIRE(seen.size() == 25);
    CHECK(std::is_sorted(seen.begin(), seen.end()));
    struct Row {
        const char* query;
        const char* code;
    };
    const Row rows[] = {{"?limit=0", "malformed_limit"},    {"?limit=1001", "malformed_limit"},
                        {"?limit=x", "malformed_limit"},    {"?cursor=%21", "malformed_cursor"},
                        {"?cursor=eA", "malformed_cursor"}, {"?cursor=L_8", "malformed_cursor"}};
    for (const auto& [query, code] : rows) {
        CAPTURE(query);
        auto answer = site.ask({Method::get, std::string(redirects) + query});
        CHECK(answer.status == 400);
        CHECK(error_of(answer) == code);
    }
}

TEST_CASE("redirects that cannot be stored are refused with their places", "[site]") {
    Fixture site;
    site.open();
    struct Row {
        const char* body;
        int status;
        const char* code;
        const char* field;
    };
    const Row rows[] = {
        {R"({"redirects":[{"from":"/a","to":"/a"}]})", 409, "redirect_loop", "redirects[0].to"},
        {R"({"redirects":[{"from":"/a","to":"/b"},{"from":"x","to":"/b"}]})", 422,
         "invalid_redirects", "redirects[1].from"},
        {R"({"redirects":[{"from":"/a"}]})", 422, "invalid_redirects", "redirects[0].to"},
        {R"({"redirects":[{"from":1,"to":"/b"}]})", 400, "malformed_redirects",
         "redirects[0].from"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        auto answer = site.ask({Method::put, redirects, row.body});
        CHECK(answer.status == row.status);
        CHECK(error_of(answer) == row.code);
        CHECK(Fixture::json_of(answer).at("details").at(0).at("field") == row.field);
    }
    auto text = site.ask({Method::put, redirects, ""});
    CHECK(text.status == 415);
    CHECK(site.events() == 0);
}

TEST_CASE("a list is made with 201, changed with 200 and removed with 204", "[site]") {
    Fixture site;
    site.open();
    const std::string body =
        R"({"entries":[{"type":"sports","id":7,"pinned":true},{"newest":null}]})";
    auto made = site.ask({Method::put, front, body});
    CHECK(made.status == 201);
    CHECK(field(made, "Location") == front);
    CHECK(made.etag == "\"1.1\"");
    auto read = site.ask({Method::get, front});
    CHECK(read.status == 200);
    CHECK(read.etag == made.etag);
    CHECK(Fixture::json_of(read) == Fixture::json_of(made));
    CHECK(Fixture::json_of(read) ==
          json{{"name", "front"},
               {"version", 1},
               {"updated_at", "2026-03-01T12:00:00.000Z"},
               {"entries",
                {{{"type", "sports"}, {"id", 7}, {"pinned", true}}, {{"newest", nullptr}}}}});

    auto unversioned = site.ask({Method::put, front, body});
    CHECK(unversioned.status == 428);
    CHECK(error_of(unversioned) == "precondition_required");
    auto changed = site.ask({Method::put, front, R"({"entries":[],"version":1})"});
    CHECK(changed.status == 200);
    CHECK(Fixture::json_of(changed).at("version") == 2);
    auto stale = site.ask({Method::put, front, R"({"entries":[],"version":1})"});
    CHECK(stale.status == 409);
    CHECK(Fixture::json_of(stale).at("current_version") == 2);
    auto by_tag = site.ask({Method::put, front, body, {{"If-Match", "\"2.1\""}}});
    CHECK(by_tag.status == 200);
    for (const char* tag : {"\"2.1\"", "\"3\"", "\"x\"", "W/\"3.1\""}) {
        CAPTURE(tag);
        auto refused = site.ask({Method::put, front, body, {{"If-Match", tag}}});
        CHECK(refused.status == 412);
        CHECK(error_of(refused) == "precondition_failed");
    }
    CHECK(site.ask({Method::put, front, body, {{"If-Match", "*"}}}).status == 200);

    auto all = Fixture::json_of(site.ask({Method::get, "/v1/lists"}));
    CHECK(
        all ==
        json{{"lists",
              {{{"name", "front"}, {"version", 4}, {"updated_at", "2026-03-01T12:00:00.000Z"}}}}});
    CHECK(site.ask({Method::del, front, "", {{"If-Match", "\"3.1\""}}}).status == 412);
    CHECK(site.ask({Method::del, front, "", {{"If-Match", "\"4.1\""}}}).status == 204);
    CHECK(site.ask({Method::get, front}).status == 404);
    CHECK(site.ask({Method::del, front}).status == 404);

    auto history = site.ask({Method::get, std::string(front) + "/history?limit=2&cursor=3"});
    CHECK(history.cache_control == "private, no-cache");
    auto told = Fixture::json_of(history);
    CHECK(told.at("name") == "front");
    REQUIRE(told.at("history").size() == 2);
    CHECK(told["history"][0]["version"] == 4);
    CHECK(told["history"][0]["actor"] == 7);
    CHECK(told["history"][1]["type"] == "list_removed.v1");
    CHECK(told["history"][1]["entries"].is_null());
    CHECK(told.at("next").is_null());
    auto part = Fixture::json_of(site.ask({Method::get, std::string(front) + "/history?limit=2"}));
    CHECK(part.at("next") == "2");
}

TEST_CASE("a list that cannot be stored is refused with its places", "[site]") {
    Fixture site;
    site.open();
    struct Row {
        const char* target;
        const char* body;
        int status;
        const char* code;
    };
    const Row rows[] = {
        {front, R"({"entries":[{"type":"weather","id":7}]})", 422, "invalid_list"},
        {front, R"({"entries":[{"type":"sports","id":7},{"type":"sports","id":7}]})", 422,
         "invalid_list"},
        {"/v1/lists/Front", R"({"entries":[]})", 422, "invalid_list"},
        {front, R"({"entries":{}})", 400, "malformed_list"},
        {front, R"([])", 400, "malformed_list"},
        {front, R"({)", 400, "malformed_json"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        auto answer = site.ask({Method::put, row.target, row.body});
        CHECK(answer.status == row.status);
        CHECK(error_of(answer) == row.code);
    }
    for (const char* target :
         {"/v1/lists/never", "/v1/lists/No%20name", "/v1/lists/never/history"}) {
        CAPTURE(target);
        auto answer = site.ask({Method::get, target});
        CHECK(answer.status == 404);
        CHECK(error_of(answer) == "list_not_found");
    }
    CHECK(error_of(site.ask({Method::get, std::string(front) + "/history?cursor=x"})) ==
          "malformed_cursor");
}

TEST_CASE("a key is remembered for its own list and its own body", "[site]") {
    Fixture site;
    site.open();
    const std::vector<std::pair<std::string, std::string>> key{{"Idempotency-Key", "once"}};
    const std::string body = R"({"entries":[{"type":"sports","id":7}]})";
    CHECK(site.ask({Method::put, front, body, key}).status == 201);
    CHECK(site.ask({Method::put, front, body, key}).status == 201);
    CHECK(site.ask({Method::put, "/v1/lists/other", body, key}).status == 201);
    auto reused = site.ask({Method::put, front, R"({"entries":[]})", key});
    CHECK(reused.status == 422);
    CHECK(error_of(reused) == "idempotency_key_reused");
    CHECK(site.events() == 2);
}

TEST_CASE("counts are told by type and for the site", "[site]") {
    Fixture site;
    site.news_of("sports", news::Status::published);
    site.news_of("sports", news::Status::removed);
    site.news_of("politics", news::Status::draft);
    site.open();
    auto answer = site.ask({Method::get, "/v1/newsroom/counts"});
    CHECK(answer.status == 200);
    CHECK(answer.cache_control == "private, no-cache");
    json none{{"draft", 0}, {"scheduled", 0}, {"published", 0}, {"removed", 0}};
    auto sports = none;
    sports["published"] = 1;
    sports["removed"] = 1;
    auto politics = none;
    politics["draft"] = 1;
    auto total = sports;
    total["draft"] = 1;
    CHECK(Fixture::json_of(answer) ==
          json{{"types", {{"politics", politics}, {"sports", sports}}}, {"total", total}});
}

}  // namespace site
