// What holds for every route: methods, validators, request ids, forms of paths and of failures.
#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using support::new_item;
using tests::path_of;
using tests::shared_portal;

TEST_CASE("every answer has a date, an id, and nothing that sniffs or tells a version",
          "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "sports", new_item("any"));
    for (const auto& target : {path_of(item), std::string("/v1/news/all/1/10"),
                               std::string("/v1/news/weather/1"), std::string("/nothing")}) {
        INFO(target);
        auto answer = portal.get(target);
        CHECK(answer.field("Date").size() == 29);
        CHECK(answer.field("X-Request-Id").size() >= 8);
        CHECK(answer.field("X-Content-Type-Options") == "nosniff");
        CHECK(answer.field("Server").find_first_of("0123456789/") == std::string::npos);
        CHECK(answer.field("Content-Type") == "application/json; charset=utf-8");
        CHECK(answer.has_field("Cache-Control"));
        CHECK_FALSE(answer.has_field("Transfer-Encoding"));
    }
}

TEST_CASE("a sane request id comes back, another is replaced", "[system]") {
    auto& portal = shared_portal();
    for (const char* sane : {"abc", "8b1b5b1e-3a0d-4a52-9a44-4f1b1a7c5a55", "A.b_c-9"}) {
        for (const char* target : {"/v1/news/all/1/10", "/v1/news/weather/1"}) {
            auto answer = portal.get(target, {{"X-Request-Id", sane}});
            CHECK(answer.field("X-Request-Id") == sane);
        }
    }
    for (const std::string& bad : {std::string(300, 'a'), std::string("a b"), std::string("a\"b"),
                                   std::string("<script>"), std::string("\xc3\xa9")}) {
        auto answer = portal.get("/v1/news/weather/1", {{"X-Request-Id", bad}});
        INFO(bad);
        CHECK(failure_faults(answer, 404, "unknown_news_type") == "");
        CHECK(answer.field("X-Request-Id") != bad);
    }
}

TEST_CASE("HEAD answers like GET, without the content", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "sports", new_item("headed"));
    for (const auto& target : {path_of(item), std::string("/v1/news/sports/1/10"),
                               path_of(item) + "/history", std::string("/v1/news/sports/1")}) {
        INFO(target);
        auto get = portal.get(target);
        support::HttpClient client(portal.address());
        auto head = client.request("HEAD", target);
        CHECK(head.status == get.status);
        CHECK(head.field("Content-Length") == std::to_string(get.body.size()));
        CHECK(head.field("ETag") == get.field("ETag"));
        // Had content followed, it would be taken for the next answer.
        CHECK(client.request("GET", target).status == get.status);
    }
}

TEST_CASE("methods that a path does not have are refused with those that it has", "[system]") {
    auto& portal = shared_portal();
    struct Case {
        const char* method;
        const char* target;
        const char* allow;
    };
    const Case cases[] = {
        {"PATCH", "/v1/news/sports", "GET, HEAD, OPTIONS, POST, PUT"},
        {"DELETE", "/v1/news/sports", "GET, HEAD, OPTIONS, POST, PUT"},
        {"POST", "/v1/news/sports/5", "DELETE, GET, HEAD, OPTIONS"},
        {"PUT", "/v1/news/sports/1/10", "GET, HEAD, OPTIONS"},
        {"GET", "/v1/news/sports/5/publish", ""},
        {"POST", "/v1/news/sports/5/history", "GET, HEAD, OPTIONS"},
        {"DELETE", "/v1/news/tags/x", ""},
        {"PUT", "/v1/news/sports/5/versions/1", "GET, HEAD, OPTIONS"},
    };
    for (const auto& one : cases) {
        INFO(one.method << ' ' << one.target);
        auto answer = portal.ask(one.method, one.target);
        CHECK(failure_faults(answer, 405, "method_not_allowed") == "");
        CHECK(answer.field("Allow").find("OPTIONS") != std::string::npos);
        CHECK(answer.field("Allow").find(one.method) == std::string::npos);
        if (*one.allow) CHECK(answer.field("Allow") == one.allow);
        auto options = portal.ask("OPTIONS", one.target);
        CHECK(options.status == 204);
        CHECK(options.field("Allow") == answer.field("Allow"));
        CHECK_FALSE(options.has_field("Content-Length"));
    }
    CHECK(failure_faults(portal.ask("BREW", "/v1/news/sports"), 501, "unknown_method") == "");
}

TEST_CASE("an unchanged answer is not sent again", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "hidden", new_item("watched"));
    for (const auto& target :
         {path_of(item), std::string("/v1/news/hidden/1/10"),
          std::string("/v1/news/hidden?limit=5"), std::string("/v1/news/all/1/10"),
          path_of(item) + "/history", path_of(item) + "/versions/1"}) {
        INFO(target);
        auto first = portal.get(target);
        auto etag = first.field("ETag");
        REQUIRE(etag.starts_with('"'));
        for (const auto& match : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
            support::HttpClient client(portal.address());
            auto again = client.request("GET", target, "", {{"If-None-Match", match}});
            CHECK(again.status == 304);
            CHECK(again.field("ETag") == etag);
            CHECK(again.field("Cache-Control") == first.field("Cache-Control"));
            CHECK(again.has_field("Date"));
            CHECK(client.request("GET", target, "", {{"If-None-Match", "\"other\""}}).body ==
                  first.body);
        }
        CHECK(portal.get(target, {{"If-Match", "\"other\""}}).status == 412);
        CHECK(portal.get(target, {{"If-Match", etag}}).status == 200);
    }
    auto etag = portal.get(path_of(item)).field("ETag");
    auto list_etag = portal.get("/v1/news/hidden/1/10").field("ETag");
    REQUIRE(
        portal.put("/v1/news/hidden", {{"id", item["id"]}, {"version", 1}, {"title", "changed"}})
            .status == 201);
    auto fresh = portal.get(path_of(item), {{"If-None-Match", etag}});
    CHECK(fresh.status == 200);
    CHECK(fresh.field("ETag") != etag);
    CHECK(portal.get("/v1/news/hidden/1/10", {{"If-None-Match", list_etag}}).status == 200);
}

TEST_CASE("the ETag of a change's answer is the one that a read gives", "[system]") {
    auto& portal = shared_portal();
    auto created = portal.post("/v1/news/sports", new_item("tagged"));
    auto path = path_of(created.news());
    CHECK(portal.get(path).field("ETag") == created.field("ETag"));
    auto off = portal.ask("POST", path + "/unpublish");
    CHECK(off.field("ETag") != created.field("ETag"));
    CHECK(portal.get(path).field("ETag") == off.field("ETag"));
}

TEST_CASE("a path is served with and without a slash, and under its older form", "[system]") {
    auto& portal = shared_portal();
    auto item = tests::create(portal, "sports", new_item("by any name"));
    auto id = std::to_string(item.at("id").get<std::int64_t>());
    for (const auto& path : {"/v1/news/sports/" + id, "/v1/news/sports/" + id + "/",
                             "/news/v1/sports/" + id, "/news/v1/sports/" + id + "/"}) {
        INFO(path);
        auto answer = portal.get(path);
        CHECK(answer.status == 200);
        CHECK(answer.news() == item);
        CHECK(portal.get(path + (path.ends_with('/') ? "history" : "/history")).status == 200);
    }
    for (const char* list :
         {"/news/v1/all/1/10", "/news/v1/sports/1/10/", "/news/v1/sports?limit=3",
          "/news/v1/tags/x", "/v1/news/all/1/10/", "/v1/news/sports/?limit=3"}) {
        INFO(list);
        CHECK(portal.get(list).status == 200);
    }
    for (const char* path : {"/news/v1/sports", "/news/v1/sports/", "/v1/news/sports/"}) {
        INFO(path);
        auto created = portal.post(path, new_item("old form"));
        CHECK(created.status == 201);
        CHECK(created.field("Location") == path_of(created.news()));
    }
    CHECK(failure_faults(portal.get("/news/v1/weather/1"), 404, "unknown_news_type") == "");
}

TEST_CASE("who asks for a problem document gets one", "[system]") {
    auto& portal = shared_portal();
    for (const char* accept :
         {"application/problem+json", "text/html, application/problem+json;q=0.9"}) {
        auto answer = portal.post("/v1/news/sports", json::object(), {{"Accept", accept}});
        CHECK(answer.status == 422);
        CHECK(answer.field("Content-Type").starts_with("application/problem+json"));
        CHECK(answer.field("Vary").find("Accept") != std::string::npos);
        auto body = answer.json();
        CHECK(body.at("status") == 422);
        CHECK(body.at("type").is_string());
        CHECK(body.at("title").is_string());
        CHECK(body.at("detail").is_string());
        CHECK(body.at("request_id") == answer.field("X-Request-Id"));
        CHECK(body.at("details").size() == 3);
    }
    auto plain =
        portal.post("/v1/news/sports", json::object(), {{"Accept", "application/json, */*"}});
    CHECK(failure_faults(plain, 422, "invalid_news") == "");
}

TEST_CASE("a refusal by the parser has the same body, and ends the connection", "[system]") {
    auto& portal = shared_portal();
    for (const std::string raw :
         {"GET /v1/news/all/1/10 HTTP/1.1\r\n\r\n",
          "GET /v1/news/all/1/10 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "POST /v1/news/sports HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
          "Transfer-Encoding: chunked\r\n\r\n"}) {
        INFO(raw);
        support::HttpClient client(portal.address());
        client.send(raw);
        auto answer = client.receive();
        CHECK(failure_faults(answer, 400, answer.json().value("error", "")) == "");
        CHECK(answer.field("Connection") == "close");
        CHECK(client.ends(std::chrono::seconds(10)));
    }
}

TEST_CASE("requests that are sent at once are answered in order", "[system]") {
    auto& portal = shared_portal();
    support::HttpClient client(portal.address());
    std::string all;
    for (int i = 0; i < 40; ++i) {
        const char* targets[] = {"/v1/news/all/1/3", "/v1/news/weather/1", "/v1/news/sports/1",
                                 "/v1/news/politics?limit=1"};
        all += support::head_of("GET", targets[i % 4], {{"X-Request-Id", "n" + std::to_string(i)}});
    }
    REQUIRE(client.send(all));
    for (int i = 0; i < 40; ++i) {
        auto answer = client.receive();
        CHECK(answer.field("X-Request-Id") == "n" + std::to_string(i));
        CHECK(answer.status == (i % 4 == 1 || i % 4 == 2 ? 404 : 200));
    }
}
