// Who may do what in enforced mode without a login, and where open mode may stand.
#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using support::new_item;
using tests::path_of;

TEST_CASE("enforced: public reads only, every change and everything unpublished is closed",
          "[system]") {
    support::PortalProcess portal;
    portal.start();
    auto shown = tests::create(portal, "sports", new_item("shown"));
    auto draft =
        tests::create(portal, "sports", new_item("draft", {{"status", "draft"}, {"tags", {"d"}}}));
    auto removed = tests::create(portal, "sports", new_item("removed"));
    REQUIRE(portal.ask("DELETE", path_of(removed)).status == 200);
    REQUIRE(portal.stop() == 0);
    portal.configure({{"security", {{"mode", "enforced"}}}});
    portal.start();

    // A cookie of open mode proves nothing here.
    support::Fields cookie = {{"Cookie", "user_id=1"}};
    for (const auto& target : {path_of(shown), std::string("/v1/news/sports/1/10"),
                               std::string("/v1/news/sports"), std::string("/v1/news/all/1/10"),
                               std::string("/v1/news/all"), std::string("/v1/news/tags/d")}) {
        INFO(target);
        CHECK(portal.get(target).status == 200);
        CHECK(portal.get(target, cookie).body.find("\"draft\"") == std::string::npos);
    }
    auto missing = portal.get("/v1/news/sports/1");
    for (const auto& item : {draft, removed}) {
        auto answer = portal.get(path_of(item), cookie);
        CHECK(failure_faults(answer, 404, "news_not_found") == "");
        CHECK_FALSE(answer.has_field("ETag"));
        // Nothing but the id differs from what a missing item gives.
        CHECK(answer.body.size() ==
              missing.body.size() + std::to_string(item["id"].get<std::int64_t>()).size() - 1);
    }

    struct Case {
        const char* method;
        std::string target;
        std::string body;
    };
    const Case closed[] = {
        {"POST", "/v1/news/sports", new_item("x").dump()},
        {"POST", "/v1/news/weather", new_item("x").dump()},
        {"POST", "/v1/news/sports", "{"},
        {"PUT", "/v1/news/sports",
         json({{"id", shown["id"]}, {"version", 1}, {"title", "x"}}).dump()},
        {"DELETE", path_of(shown), ""},
        {"POST", path_of(draft) + "/publish", ""},
        {"POST", path_of(shown) + "/unpublish", ""},
        {"POST", path_of(removed) + "/restore", R"({"version":1})"},
        {"POST", "/news/v1/sports", new_item("x").dump()},
        {"GET", path_of(shown) + "/history", ""},
        {"GET", path_of(shown) + "/versions/1", ""},
        {"GET", path_of(shown) + "?as_of=2030-01-01T00:00:00Z", ""},
    };
    for (const auto& one : closed) {
        INFO(one.method << ' ' << one.target);
        support::Fields fields = cookie;
        if (!one.body.empty()) fields.emplace_back("Content-Type", "application/json");
        auto answer = portal.ask(one.method, one.target, one.body, fields);
        CHECK(failure_faults(answer, 401, "unauthenticated") == "");
        CHECK(answer.field("WWW-Authenticate").starts_with("Bearer"));
    }
    CHECK(portal.stop() == 0);
    auto verified = portal.command({"verify"});
    INFO(verified.output);
    CHECK(verified.code == 0);
    CHECK(verified.output.find("sports: 4 events, 3 articles") != std::string::npos);
}

TEST_CASE("enforced is the default", "[system]") {
    support::PortalProcess portal(json{{"security", nullptr}});
    portal.start();
    CHECK(portal.post("/v1/news/sports", new_item("x")).status == 401);
    CHECK(portal.stop() == 0);
}

TEST_CASE("open mode does not start on an address that others can reach", "[system]") {
    for (const char* listen : {"0.0.0.0:0", "[::]:0"}) {
        INFO(listen);
        support::PortalProcess portal(json{{"http", {{"listen", listen}}}});
        auto refused = portal.command({});
        CHECK(refused.code == 2);
        CHECK(refused.errors.find("security.mode") != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(portal.data()));
    }
}

TEST_CASE("open mode says so on every start", "[system]") {
    support::PortalProcess portal(json{{"log", {{"console", true}}}});
    portal.start();
    CHECK(portal.stop() == 0);
    CHECK(portal.process().errors().find("security.mode is open") != std::string::npos);
}
