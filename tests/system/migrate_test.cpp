// `portal migrate` tells the running server who answers a route, and what it says survives kills.
#include <fstream>

#include "shared_portal.hpp"
#include "support/catch.hpp"

using nlohmann::json;
using support::failure_faults;
using support::PortalProcess;

namespace {

json two_routes() {
    return {
        {"gateway",
         {{"routes",
           json::array({json{{"name", "articles"}, {"path", "/api/articles/{rest...}"}},
                        json{{"name", "pages"}, {"path", "/{slug}"}, {"methods", {"POST"}}}})}}}};
}

bool says(const support::Finished& finished, const std::string& text) {
    return (finished.output + finished.errors).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("portal migrate sets, undoes and tells the modes of a running server", "[system]") {
    PortalProcess portal(two_routes());
    portal.start();
    auto set = portal.command({"migrate", "set", "articles", "canary", "10"});
    INFO(set.output);
    CHECK(set.code == 0);
    CHECK(says(set, "articles is canary 10 % now (version 2)."));
    auto route = portal.get("/v1/migration/routes/articles").json();
    CHECK(route.at("mode") == "canary");
    CHECK(route.at("percent") == 10);
    CHECK(route.at("changed_by").is_null());

    auto status = portal.command({"migrate", "status"});
    INFO(status.output);
    CHECK(status.code == 0);
    for (const char* text : {"ROUTE", "articles", "canary 10 %", "pages", "proxied",
                             "Not ready: 2 routes of 2 are neither native nor ready"}) {
        CAPTURE(text);
        CHECK(says(status, text));
    }
    auto one = portal.command({"migrate", "status", "articles"});
    CHECK(one.code == 0);
    CHECK(says(one, "Path: /api/articles/{rest...}"));
    CHECK(says(portal.command({"migrate", "undo", "articles"}), "articles is proxied now"));

    struct Row {
        std::vector<std::string> arguments;
        const char* sentence;
    };
    const Row rows[] = {
        {{"migrate", "undo", "articles"}, "There is no change of the route articles"},
        {{"migrate", "set", "nobody", "native"}, "There is no route of that name"},
        {{"migrate", "status", "nobody"}, "There is no route of that name"},
        {{"migrate", "set", "pages", "canary", "5"}, "holds for GET and HEAD alone"},
        {{"migrate", "restart", "articles"}, "There is no monolith"},
        {{"migrate", "set", "articles", "django"}, "django"},
        {{"migrate", "set", "articles", "canary", "101"}, "101"},
        {{"migrate"}, ""},
    };
    for (const auto& [arguments, sentence] : rows) {
        auto finished = portal.command(arguments);
        INFO(finished.output);
        CHECK(finished.code == 2);
        CHECK(says(finished, sentence));
    }
}

TEST_CASE("portal migrate says that there is no server, and changes nothing", "[system]") {
    PortalProcess portal(two_routes());
    auto nowhere = portal.command({"migrate", "status"});
    CHECK(nowhere.code == 2);
    CHECK(says(nowhere, "there is no folder"));
    portal.make_data_folder();
    auto stopped = portal.command({"migrate", "set", "articles", "native"});
    CHECK(stopped.code == 1);
    CHECK(says(stopped, "no server works on"));
    CHECK(says(stopped, "Start it first"));
}

TEST_CASE("a mode that was acknowledged survives a kill", "[system]") {
    PortalProcess portal(two_routes());
    portal.start();
    for (int percent : {10, 50}) {
        auto set =
            portal.put("/v1/migration/routes/articles", {{"mode", "canary"}, {"percent", percent}});
        REQUIRE(set.status == 200);
        portal.kill();
        portal.start();
        auto route = portal.get("/v1/migration/routes/articles");
        CHECK(route.json().at("percent") == percent);
        CHECK(route.field("ETag") == set.field("ETag"));
    }
    auto undone = portal.ask("POST", "/v1/migration/routes/articles/undo");
    CHECK(undone.json().at("percent") == 10);
    CHECK(failure_faults(portal.get("/v1/migration/routes/none"), 404, "route_not_found") == "");
    CHECK(portal.stop() == 0);
    CHECK(portal.command({"verify"}).code == 0);
    CHECK(portal.breakdowns().empty());
}

TEST_CASE("portal migrate finish says what is missing, and ends the migration for good",
          "[system]") {
    PortalProcess portal;
    portal.start();
    CHECK(says(portal.command({"migrate", "finish"}), "There is no monolith"));
    REQUIRE(portal.stop() == 0);
    auto folder = portal.folder() / "static";
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "site.css") << "body {}";
    portal.configure(
        {{"legacy",
          {{"upstream", "http://127.0.0.1:9"},
           {"static", json::array({{{"path", "/static/"}, {"folder", folder.string()}}})}}},
         {"gateway",
          {{"routes", json::array({{{"name", "front"}, {"path", "/news/v1/{rest...}"}},
                                   {{"name", "rest"}, {"path", "/{rest...}"}}})},
           {"ready", {{"quiet_h", 0}}}}}});
    portal.start();
    auto early = portal.command({"migrate", "finish"});
    CHECK(early.code != 0);
    CHECK(says(early, "The route front is proxied, not native."));
    CHECK(says(early, "The route rest is proxied, not native."));
    CHECK(portal.get("/else").status == 502);
    CHECK(portal.command({"migrate", "set", "front", "native"}).code == 0);
    CHECK(portal.command({"migrate", "set", "rest", "native"}).code == 0);
    // As it will be, and there is a way back yet. Files are served whatever the modes say.
    CHECK(portal.get("/else").status == 404);
    CHECK(portal.get("/static/site.css").body == "body {}");
    auto done = portal.command({"migrate", "finish"});
    INFO(done.errors);
    CHECK(done.code == 0);
    CHECK(says(done, "was erased of 0 accounts"));
    portal.kill();
    portal.start();
    CHECK(says(portal.command({"migrate", "status"}), "The migration was finished at 2"));
    CHECK(says(portal.command({"migrate", "undo", "front"}), "The migration is finished"));
    for (bool configured : {true, false}) {
        CAPTURE(configured);
        CHECK(portal.get("/news/v1/all/1/10").status == 200);
        CHECK(portal.get("/else").status == 404);
        CHECK(portal.get("//else").status == 404);
        CHECK(portal.get("/static/site.css").body == "body {}");
        if (!configured) break;
        REQUIRE(portal.stop() == 0);
        portal.configure({{"legacy", {{"upstream", ""}}}});
        portal.start();
    }
}
