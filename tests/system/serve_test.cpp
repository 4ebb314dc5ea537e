// What clients and proxies met in the field, asked of the built server.
#include <algorithm>
#include "people.hpp"
#include "shared_portal.hpp"

#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using support::Fields;
using support::HttpClient;
using support::new_item;
using tests::path_of;

namespace {

/// The number behind `name` in /metrics.
std::string told_metric(const support::PortalProcess& portal, const std::string& name) {
    auto text = HttpClient(portal.operations()).request("GET", "/metrics").body;
    auto at = text.find("\n" + name + " ");
    if (at == text.npos) return {};
    at += name.size() + 2;
    return text.substr(at, text.find('\n', at) - at);
}

}  // namespace

TEST_CASE("what browsers leave raw in a query is taken", "[system]") {
    auto& portal = tests::shared_portal();
    for (const char* query : {"filter[tag]=x", "utm=a|b", "q={x}", "q=a^b`c\\d"}) {
        CAPTURE(query);
        CHECK(portal.get("/v1/news/sports?" + std::string(query)).status == 200);
    }
}

TEST_CASE("an If-Match that a proxy has weakened is told so, and to send the version", "[system]") {
    auto& portal = tests::shared_portal();
    auto item = tests::create(portal, "sports", new_item("weakened"));
    json change = {{"id", item["id"]}, {"title", "changed"}};
    for (const char* tag : {"W/\"1.2\"", "\"a proxy's own\""}) {
        CAPTURE(tag);
        auto refused = portal.put("/v1/news/sports", change, {{"If-Match", tag}});
        CHECK(failure_faults(refused, 412, "precondition_failed") == "");
        CHECK(refused.json()["message"].get<std::string>().find("`version`") != std::string::npos);
    }
    auto stale = portal.put("/v1/news/sports", change, {{"If-Match", "\"7.2\""}});
    CHECK(stale.json()["message"].get<std::string>().find("read it again") != std::string::npos);
    change["version"] = 1;
    CHECK(portal.put("/v1/news/sports", change).status == 201);
}

TEST_CASE("null is no body when an item is published", "[system]") {
    auto& portal = tests::shared_portal();
    auto draft = tests::create(portal, "sports", new_item("null body", {{"status", "draft"}}));
    auto published = portal.post(path_of(draft) + "/publish", json());
    CHECK(published.status == 200);
    CHECK(published.news()["status"] == "published");
}

TEST_CASE("a NUL in a text is refused for just that", "[system]") {
    auto& portal = tests::shared_portal();
    auto body = new_item("nul").dump();
    body.replace(body.find("nul"), 3, "a\\u0000b");
    auto refused =
        portal.ask("POST", "/v1/news/sports", body, {{"Content-Type", "application/json"}});
    CHECK(failure_faults(refused, 422, "nul_in_text") == "");
}

TEST_CASE("a compressed request is refused, and told what is taken", "[system]") {
    auto& portal = tests::shared_portal();
    auto refused = portal.ask("POST", "/v1/news/sports", "\x1f\x8b",
                              {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}});
    CHECK(failure_faults(refused, 415, "unsupported_content_encoding") == "");
    CHECK(refused.field("Accept-Encoding") == "identity");
}

TEST_CASE("a cookie that holds no more is as none on what anyone may read", "[system]") {
    support::PortalProcess portal(tests::enforced());
    portal.start();
    Fields dead = {{"Cookie", "__Host-portal=dead"}};
    CHECK(portal.get("/v1/news/all/1/10", dead).status == 200);
    CHECK(portal.get("/v1/news/sports", dead).status == 200);
    // Somebody who chose to send a token hears that it does not hold.
    CHECK(portal.get("/v1/news/all/1/10", {{"Authorization", "Bearer dead"}}).status == 401);
    CHECK(portal.get("/v1/auth/me", dead).status == 401);
    auto person = tests::stranger("Dead Cookie");
    json body = {{"name", person.name}, {"email", person.email}, {"password", person.password}};
    CHECK(portal.post("/v1/users", body, dead).status == 201);
}

TEST_CASE("each answer from the cache is counted, whatever its spelling", "[system]") {
    // Each thread has a cache of its own.
    json settings;
    settings["http"]["threads"] = 1;
    support::PortalProcess portal(settings);
    portal.start();
    auto counts = [&portal] {
        return told_metric(portal, "portal_cache_hits_total") + " " +
               told_metric(portal, "portal_cache_misses_total");
    };
    CHECK(portal.get("/v1/news/all/1/10").status == 200);
    CHECK(counts() == "0 1");
    int hits = 0;
    for (const char* spelling : {"/v1/news/all/1/10", "/news/v1/all/1/10", "/v1/news/all/1/10/",
                                 "/v1/news/all/1/10?utm_source=x", "/v1/news/%61ll/1/10"}) {
        CAPTURE(spelling);
        CHECK(portal.get(spelling).status == 200);
        CHECK(counts() == std::to_string(++hits) + " 1");
    }
    CHECK(portal.get("/nothing").status == 404);
    CHECK(portal.post("/v1/news/nothing/1", json()).status == 405);
    CHECK(told_metric(portal, "portal_http_refusals_total{reason=\"not_found\"}") == "1");
    CHECK(told_metric(portal, "portal_http_refusals_total{reason=\"method_not_allowed\"}") == "1");
}

TEST_CASE("a page of another origin can read why its request was refused", "[system]") {
    json settings;
    settings["gateway"]["cors"]["origins"] = json::array({"https://www.example.org"});
    support::PortalProcess portal(settings);
    portal.start();
    HttpClient client(portal.address());
    client.send(
        "GET /v1/news/sports HTTP/1.1\r\nHost: a\r\nOrigin: https://www.example.org\r\n"
        "X-Broken: a\x01\r\n\r\n");
    auto refused = client.receive();
    CHECK(refused.status == 400);
    CHECK(refused.field("Access-Control-Allow-Origin") == "https://www.example.org");
    HttpClient early(portal.address());
    early.send("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n");
    auto answer = early.receive();
    CHECK(std::count(answer.fields.begin(), answer.fields.end(),
                     std::pair<std::string, std::string>("Vary", "Origin")) == 1);
}
