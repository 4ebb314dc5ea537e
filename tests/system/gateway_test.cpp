// What the gateway and the compression make of real requests.
#include <thread>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::HttpClient;
using support::new_item;

namespace {

const json throttled = {{"gateway",
                         {{"trusted_proxies", {"127.0.0.0/8"}},
                          {"cors", {{"origins", {"https://www.example.org"}}}},
                          {"throttle",
                           {{"read", {{"per_minute", 5}}},
                            {"registration", {{"per_minute", 2}}},
                            {"login", {{"per_minute", 3}}}}}}}};

Fields from(const std::string& client) {
    return {{"X-Forwarded-For", client}};
}

}  // namespace

TEST_CASE("a client that asks too often gets 429, and nobody else", "[system]") {
    support::PortalProcess portal(throttled);
    portal.start();
    // The first is answered by its handler, the others from the cache: both are counted.
    HttpClient ann(portal.address());
    for (int left = 4; left >= 0; --left) {
        auto answer = ann.request("GET", "/v1/news/all/1/10", "", from("198.51.100.1"));
        CHECK(answer.status == 200);
        CHECK(answer.field("RateLimit").starts_with("\"read\";r=" + std::to_string(left) + ";t="));
        CHECK(answer.field("RateLimit-Policy") == "\"read\";q=5;w=60");
    }
    auto refused =
        ann.request("GET", "/v1/news/all/1/10", "",
                    {{"X-Forwarded-For", "198.51.100.1"}, {"Origin", "https://www.example.org"}});
    CHECK(failure_faults(refused, 429, "too_many_requests") == "");
    int wait = std::stoi(refused.field("Retry-After"));
    CHECK((wait >= 1 && wait <= 12));
    CHECK(refused.field("Access-Control-Allow-Origin") == "https://www.example.org");
    // The connection goes on, and the next client on it (a proxy's) is another one.
    CHECK(ann.request("GET", "/v1/news/all/1/10", "", from("198.51.100.2")).status == 200);
    CHECK(ann.request("GET", "/nowhere", "", from("198.51.100.1")).status == 429);
    CHECK(ann.request("GET", "/livez", "", from("198.51.100.2")).status == 404);
}

TEST_CASE("registrations and logins have limits of their own", "[system]") {
    support::PortalProcess portal(throttled);
    portal.start();
    int number = 0;
    auto register_from = [&](const std::string& client) {
        json user = {{"name", "Ann"},
                     {"email", "ann" + std::to_string(++number) + "@example.org"},
                     {"password", "correct horse battery"}};
        return portal.post("/v1/users", user, from(client)).status;
    };
    CHECK(register_from("198.51.100.1") == 201);
    CHECK(register_from("198.51.100.1") == 201);
    CHECK(register_from("198.51.100.1") == 429);
    CHECK(register_from("198.51.100.2") == 201);
    json wrong = {{"email", "nobody@example.org"}, {"password", "wrong horse battery"}};
    for (int i = 0; i < 3; ++i) {
        CHECK(portal.post("/v1/auth/token", wrong, from("198.51.100.9")).status != 200);
    }
    auto refused = portal.post("/v1/auth/token", wrong, from("198.51.100.9"));
    CHECK(failure_faults(refused, 429, "too_many_requests") == "");
    CHECK(portal.post("/v1/auth/session", wrong, from("198.51.100.9")).status == 429);
    // Writing news is not limited here.
    CHECK(portal.post("/v1/news/sports", new_item("x"), from("198.51.100.9")).status == 201);
}

TEST_CASE("without trusted proxies X-Forwarded-For is nobody's way around a limit", "[system]") {
    auto settings = throttled;
    settings["gateway"]["trusted_proxies"] = json::array();
    support::PortalProcess portal(settings);
    portal.start();
    for (int i = 0; i < 5; ++i) {
        CHECK(portal.get("/v1/news/all", from("198.51.100." + std::to_string(i))).status == 200);
    }
    CHECK(portal.get("/v1/news/all", from("198.51.100.77")).status == 429);
}

TEST_CASE("a browser's preflight is answered for known origins only", "[system]") {
    support::PortalProcess portal(throttled);
    portal.start();
    Fields ask = {{"Access-Control-Request-Method", "PUT"}};
    auto known = ask;
    known.emplace_back("Origin", "https://www.example.org");
    auto answer = portal.ask("OPTIONS", "/v1/news/sports", "", known);
    CHECK(answer.status == 204);
    CHECK(answer.field("Access-Control-Allow-Origin") == "https://www.example.org");
    CHECK(answer.field("Access-Control-Allow-Methods").find("PUT") != std::string::npos);
    CHECK(answer.field("Vary").find("Origin") != std::string::npos);
    auto other = ask;
    other.emplace_back("Origin", "https://elsewhere.test");
    answer = portal.ask("OPTIONS", "/v1/news/sports", "", other);
    CHECK(answer.status == 204);
    CHECK_FALSE(answer.has_field("Access-Control-Allow-Origin"));
    CHECK(answer.has_field("Allow"));
}

TEST_CASE("what is refused before it is routed may be read by the same pages", "[system]") {
    auto settings = throttled;
    settings["http"]["hosts"] = json::array({"127.0.0.1"});
    support::PortalProcess portal(settings);
    portal.start();
    auto ask = [&](const std::string& head) {
        HttpClient client(portal.address());
        CHECK(client.send(head));
        return client.receive();
    };
    auto varies = [](const support::Answer& answer) {
        return std::count(answer.fields.begin(), answer.fields.end(),
                          std::pair<std::string, std::string>("Vary", "Origin")) == 1;
    };
    const std::string from_page = "Origin: https://www.example.org\r\n";
    const std::string heads[] = {
        // At its first line, in a field after and before the page is named, by its host.
        "GET /\x01 HTTP/1.1\r\nHost: 127.0.0.1\r\n" + from_page + "\r\n",
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + from_page + "Bad Name: x\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Name: x\r\n" + from_page + "Host: 127.0.0.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: elsewhere.test\r\n" + from_page + "\r\n",
    };
    for (const auto& head : heads) {
        INFO(head);
        auto answer = ask(head);
        CHECK(answer.status >= 400);
        CHECK(answer.field("Access-Control-Allow-Origin") == "https://www.example.org");
        CHECK(varies(answer));
    }
    auto other = ask("GET /\x01 HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://x.test\r\n\r\n");
    CHECK(other.status == 400);
    CHECK_FALSE(other.has_field("Access-Control-Allow-Origin"));
    CHECK(varies(other));
}

TEST_CASE("answers are compressed for those who accept it, and stay the same thing", "[system]") {
    auto& portal = tests::shared_portal();
    std::string content;
    for (int i = 0; i < 400; ++i) content += "sentence number " + std::to_string(i) + ". ";
    auto item = tests::create(portal, "sports", new_item("long", {{"content", content}}));
    auto path = tests::path_of(item);
    auto plain = portal.get(path);
    REQUIRE(plain.status == 200);
    CHECK(plain.field("Vary") == "Accept-Encoding");
    CHECK_FALSE(plain.has_field("Content-Encoding"));

    for (const char* coding : {"gzip", "br"}) {
        INFO(coding);
        Fields accept = {{"Accept-Encoding", coding}};
        auto answer = portal.get(path, accept);
        CHECK(answer.status == 200);
        CHECK(answer.field("Content-Encoding") == coding);
        CHECK(answer.field("Vary") == "Accept-Encoding");
        CHECK(answer.body.size() * 2 < plain.body.size());
        auto tag = answer.field("ETag");
        CHECK(tag != plain.field("ETag"));
        auto head = portal.ask("HEAD", path, "", accept);
        CHECK(head.field("Content-Length") == std::to_string(answer.body.size()));
        CHECK(head.field("ETag") == tag);

        Fields again = accept;
        again.emplace_back("If-None-Match", tag);
        auto same = portal.get(path, again);
        CHECK(same.status == 304);
        CHECK(same.field("ETag") == tag);
        CHECK(same.field("Vary") == "Accept-Encoding");
        // Another form of it is another entity.
        CHECK(portal.get(path, {{"If-None-Match", tag}}).status == 200);
        // Whoever read it compressed may change it.
        json change = {{"id", item["id"]}, {"title", std::string("after ") + coding}};
        auto changed = portal.put("/v1/news/sports", change, {{"If-Match", tag}});
        CHECK(changed.status == 201);
        CHECK(portal.put("/v1/news/sports", change, {{"If-Match", tag}}).status == 412);
    }
}

TEST_CASE("answers with secrets, and small ones, are not compressed", "[system]") {
    auto& portal = tests::shared_portal();
    Fields accept = {{"Accept-Encoding", "gzip, br"}};
    auto small = portal.get("/.well-known/jwks.json", accept);
    CHECK(small.status == 200);
    CHECK_FALSE(small.has_field("Content-Encoding"));
    auto draft = tests::create(
        portal, "sports",
        new_item("secret", {{"status", "draft"}, {"content", std::string(5000, 'x')}}));
    auto answer = portal.get(tests::path_of(draft), accept);
    CHECK(answer.status == 200);
    CHECK(answer.field("Cache-Control").find("no-store") != std::string::npos);
    CHECK_FALSE(answer.has_field("Content-Encoding"));
}

TEST_CASE("every answer keeps browsers from making more of it", "[system]") {
    auto& portal = tests::shared_portal();
    for (const char* target : {"/v1/news/all/1/10", "/nowhere", "/v1/news/sports/1"}) {
        INFO(target);
        auto answer = portal.get(target);
        CHECK(answer.field("X-Content-Type-Options") == "nosniff");
        CHECK(answer.field("Referrer-Policy") == "no-referrer");
        CHECK(answer.field("Content-Security-Policy") ==
              "default-src 'none'; frame-ancestors 'none'");
        CHECK(answer.field("Server") == "portal");
        CHECK_FALSE(answer.has_field("Strict-Transport-Security"));
    }
}
