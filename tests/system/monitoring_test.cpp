// How the running server shows what it does: to monitoring, to its operator, to an admin.
#include "people.hpp"
#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::HttpClient;
using support::new_item;

TEST_CASE("monitoring and the operator see a running server, and that it is gone", "[system]") {
    support::PortalProcess portal;
    portal.start();
    auto ready = portal.command({"check"});
    CHECK(ready.output == "PORTAL OK - ready | ready=1\n");
    CHECK(ready.code == 0);
    CHECK(portal.command({"check", "backlog", "--critical", "0"}).code == 2);
    CHECK(portal.command({"check", "disk", "--warning", "101", "--critical", "0"}).code == 1);
    CHECK(portal.command({"check", "certificate"}).code == 3);
    CHECK(portal.command({"check", "weather"}).code == 3);

    HttpClient operations(portal.operations());
    auto page = operations.request("GET", "/ops");
    CHECK(page.status == 200);
    CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.field("Content-Security-Policy").find("default-src 'none'; script-src 'self'") == 0);
    for (const char* part : {"/ops/page.js", "/ops/page.css"}) {
        CAPTURE(part);
        CHECK(page.body.find(std::string("\"") + part + '"') != std::string::npos);
        CHECK(operations.request("GET", part).status == 200);
    }
    CHECK(page.body.find("://") == std::string::npos);
    // Nothing of it is on the public side.
    CHECK(portal.get("/ops").status == 404);

    portal.kill();
    auto gone = portal.command({"check"});
    CHECK(gone.code == 2);
    CHECK(gone.output.find("PORTAL CRITICAL - ready: ") == 0);
    CHECK(portal.command({"check", "disk"}).code == 3);
}

TEST_CASE("an admin reads what happened in all logs, page by page", "[system]") {
    support::PortalProcess portal(tests::enforced());
    portal.start();
    auto chief = tests::create_person(portal, "admin", "Chief");
    auto admin = tests::log_in(portal, chief);
    auto rosa = tests::register_person(portal, "Rosa");
    tests::give_role(portal, admin, rosa, "author");
    auto author = tests::log_in(portal, rosa);
    auto item = tests::create_as(portal, author.bearer(), "sports", new_item("A secret scoop"));

    auto ask = [&](const std::string& query) {
        return portal.get("/v1/audit" + query, admin.bearer());
    };
    auto types = [](const json& page) {
        json all = json::array();
        for (const auto& event : page["events"]) all.push_back(event["type"]);
        return all;
    };
    auto by_rosa = ask("?actor=" + std::to_string(rosa.id));
    CHECK(types(by_rosa.json()) == json{"article_created.v1"});
    CHECK(by_rosa.json()["events"][0]["log"] == "news-sports");
    CHECK(by_rosa.json()["events"][0]["id"] == item["id"]);
    CHECK(by_rosa.body.find("scoop") == std::string::npos);
    CHECK(types(ask("?actor=" + std::to_string(chief.id)).json()) == json{"role_changed.v1"});

    auto all = ask("?limit=100").json();
    CHECK(all["next"] == nullptr);
    CHECK(all["events"].size() >= 4);
    json walked = json::array();
    std::string next;
    do {
        auto page = ask("?limit=1&after=" + next).json();
        for (const auto& event : page["events"]) walked.push_back(event);
        next = page["next"].is_null() ? "" : page["next"].get<std::string>();
    } while (!next.empty());
    CHECK(walked == all["events"]);
    CHECK(ask("?from=2100-01-01T00:00:00Z").json()["events"] == json::array());
    CHECK(ask("?to=2000-01-01T00:00:00Z").json()["events"] == json::array());
    CHECK(ask("?actor=x").json()["error"] == "malformed_actor");
    CHECK(ask("?from=x").json()["error"] == "malformed_time");
    CHECK(ask("?after=x").json()["error"] == "malformed_after");

    auto health = portal.get("/v1/operations/health", admin.bearer()).json();
    CHECK(health["status"] == "ready");
    CHECK(health["checks"]["disk"] == "ok");
    CHECK(portal.get("/v1/migration/imports", admin.bearer()).json()["imports"] == json::array());
}
