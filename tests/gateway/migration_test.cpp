// The modes of the routes on a real store, and the routes that tell and change them.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/task_scope.hpp"
#include "config/reader.hpp"
#include "fixture.hpp"
#include "gateway/events.hpp"
#include "host/declaration.hpp"
#include "operations/jobs.hpp"
#include "telemetry/log.hpp"

namespace gateway {

namespace {

using http::Method;
using nlohmann::json;

template <class T>
std::string code(const base::Result<T>& result) {
    return result ? "" : result.error().code;
}

std::string error_of(const http::Response& response) {
    return Fixture::json_of(response).value("error", "");
}

Config three_routes() {
    Config config;
    config.routes = {rule("articles", "/articles/{rest...}", "proxied"),
                     rule("pages", "/pages/{slug}", "proxied"),
                     rule("writes", "/articles", "proxied")};
    config.routes[2].methods = {"POST"};
    return config;
}

/// Those of which something here answers each.
Config two_routes() {
    auto config = three_routes();
    config.routes.erase(config.routes.begin() + 1);
    return config;
}

std::vector<Event> all_events(Fixture& gateway) {
    auto read = base::run(gateway.module->feed().after(0, 1000, {}));
    REQUIRE(read);
    std::vector<Event> events;
    for (const auto& event : *read) events.push_back(gateway_event(event));
    return events;
}

/// The problems of a configuration of that one route, each as one line.
std::vector<std::string> problems_of(const std::string& routes) {
    config::Sources sources;
    sources.overrides = {"gateway.routes=" + routes};
    Config config;
    std::vector<std::string> all;
    for (const auto& problem : config::read(sources, [&](config::Section& root) {
             describe(root.section("gateway", ""), config);
         })) {
        all.push_back(config::to_text(problem));
    }
    return all;
}

constexpr const char* finish = "/v1/migration/finish";
constexpr const char* articles = "/v1/migration/routes/articles";

}  // namespace

TEST_CASE("a mode that was set is in the log, with who set it, what was before and after",
          "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    auto set = gateway.set("articles", Mode::canary, 10);
    REQUIRE(set);
    CHECK(set->state == RouteState{Mode::canary, 10, 0});
    CHECK(set->version == 2);
    CHECK(set->changed_by == 7);
    CHECK(set->can_undo);
    CHECK(gateway.state("articles") == set->state);
    // Once more is no change.
    CHECK(gateway.set("articles", Mode::canary, 10)->version == 2);
    auto undone = gateway.undo("articles");
    REQUIRE(undone);
    CHECK(undone->state.mode == Mode::proxied);
    CHECK_FALSE(undone->can_undo);

    auto events = all_events(gateway);
    REQUIRE(events.size() == 5);
    CHECK_FALSE(std::get<RouteModeChanged>(events[0]).before);
    const auto& changed = std::get<RouteModeChanged>(events[3]);
    CHECK(changed.route == "articles");
    CHECK(changed.before == RouteState{});
    CHECK(changed.after == RouteState{Mode::canary, 10, 0});
    CHECK(std::get<RouteModeUndone>(events[4]).after == RouteState{});
}

TEST_CASE("what a route was set to survives the end of the process", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    REQUIRE(gateway.set("articles", Mode::shadow));
    REQUIRE(gateway.set("articles", Mode::canary, 10));
    gateway.close();
    gateway.open();
    auto route = gateway.module->migration().route("articles");
    CHECK(route->state == RouteState{Mode::canary, 10, 0});
    CHECK(route->version == 3);
    CHECK(route->changed_by == 7);
    CHECK(gateway.side({Method::post, "/articles/7"}) == "legacy");
    REQUIRE(gateway.undo("articles"));
    CHECK(gateway.undo("articles")->state.mode == Mode::proxied);
    CHECK(code(gateway.undo("articles")) == "nothing_to_undo");
}

TEST_CASE("the configuration says the first mode of a route, and no other", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.config.routes[0].mode = "shadow";
    gateway.open();
    CHECK(gateway.state("articles").mode == Mode::shadow);
    gateway.close();
    gateway.config.routes[0].mode = "native";
    gateway.config.routes.push_back(rule("new", "/new", "shadow"));
    std::ofstream(gateway.folder / "log");
    telemetry::LogTarget target;
    target.console = false;
    target.file = gateway.folder / "log";
    telemetry::start_log(target);
    gateway.open();
    telemetry::stop_log();
    CHECK(gateway.state("articles").mode == Mode::shadow);
    CHECK(gateway.state("new").mode == Mode::shadow);
    std::ifstream log(gateway.folder / "log");
    std::string text((std::istreambuf_iterator<char>(log)), {});
    CHECK_THAT(text, Catch::Contains("the configuration has another mode"));
    CHECK_THAT(text, Catch::Contains("\"articles\""));
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);  // and that nothing answers /new
}

TEST_CASE("a route that was left out and comes back is as it was", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    REQUIRE(gateway.set("articles", Mode::native));
    gateway.close();
    gateway.config.routes.erase(gateway.config.routes.begin());
    gateway.open();
    CHECK(code(gateway.set("articles", Mode::proxied)) == "route_not_found");
    CHECK(gateway.module->migration().routes().size() == 2);
    gateway.close();
    gateway.config = three_routes();
    gateway.open();
    CHECK(gateway.state("articles").mode == Mode::native);
}

TEST_CASE("the same call again is answered the same, and done once", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    REQUIRE(gateway.set("articles", Mode::shadow));
    REQUIRE(gateway.set("articles", Mode::canary, 10));
    auto first = gateway.undo("articles", Fixture::command("key"));
    REQUIRE(first);
    CHECK(first->state.mode == Mode::shadow);
    REQUIRE(gateway.set("articles", Mode::native));
    auto again = gateway.undo("articles", Fixture::command("key"));
    REQUIRE(again);
    CHECK(again->state == first->state);
    CHECK(again->version == first->version);
    CHECK(gateway.state("articles").mode == Mode::native);
    CHECK(code(gateway.undo("articles", Fixture::command("key", "other"))) ==
          "idempotency_key_reused");
}

TEST_CASE("a mode that nothing here could keep is refused", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    for (auto mode : {Mode::native, Mode::canary, Mode::shadow, Mode::native_or_legacy}) {
        CHECK(code(gateway.set("pages", mode)) == "no_native_route");
    }
    CHECK(code(gateway.set("pages", Mode::proxied)) == "");
    CHECK(code(gateway.set("writes", Mode::canary, 10)) == "invalid_mode");
    CHECK(code(gateway.set("writes", Mode::native)) == "");
    CHECK(code(gateway.set("articles", Mode::canary, 101)) == "invalid_mode");
    CHECK(code(gateway.set("nobody", Mode::proxied)) == "route_not_found");
    CHECK(code(gateway.undo("nobody")) == "route_not_found");
}

TEST_CASE("of many changes at once each has its version, and the last one holds", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    std::vector<std::int64_t> versions;
    RouteState last;
    {
        base::TaskScope scope;
        for (std::int64_t percent = 1; percent <= 50; ++percent) {
            ModeChange change{Mode::canary, percent, std::nullopt};
            scope.spawn(gateway.module->migration().set("articles", change, Fixture::command()),
                        [&](base::Result<MigrationRoute> route) {
                            REQUIRE(route);
                            versions.push_back(route->version);
                            if (route->version == 51) last = route->state;
                        });
        }
        scope.wait(0);
    }
    std::sort(versions.begin(), versions.end());
    REQUIRE(versions.size() == 50);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        CHECK(versions[i] == static_cast<std::int64_t>(i) + 2);
    }
    CHECK(gateway.state("articles") == last);
}

TEST_CASE("while nobody can read what routes are set to, reading goes on and no change is misled",
          "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.config.routes[0].mode = "native";
    gateway.open();
    REQUIRE(gateway.set("articles", Mode::proxied));
    REQUIRE(gateway.set("writes", Mode::native));
    gateway.close();
    auto file = gateway.folder / "gateway.db";
    auto whole = gateway.folder / "whole.db";
    std::filesystem::rename(file, whole);
    std::ofstream(file) << std::string(9000, 'x');

    gateway.open();

    // As the configuration says.
    CHECK(gateway.side({.target = "/articles/7"}) == "native");
    CHECK(gateway.side({.target = "/pages/a"}) == "legacy");
    for (const char* target : {"/articles", "/articles/7", "/pages/a"}) {
        CAPTURE(target);
        auto changed = gateway.answer({http::Method::post, target});
        CHECK(changed.first == 503);
        CHECK_THAT(changed.second, Catch::Contains("routes_unknown"));
    }
    CHECK(gateway.side({http::Method::post, "/elsewhere"}) == "legacy");
    CHECK(gateway.set("pages", Mode::proxied).error().code == "routes_unknown");
    for (const char* target : {"/v1/migration/routes", "/v1/migration/report"}) {
        CAPTURE(target);
        CHECK(error_of(gateway.api({http::Method::get, target})) == "routes_unknown");
    }
    CHECK_THAT(gateway.module->checks().front().warn(),
               Catch::Contains("the store gateway is out"));

    gateway.close();
    std::filesystem::remove(file);
    std::filesystem::rename(whole, file);
    gateway.open();
    CHECK(gateway.side({.target = "/articles/7"}) == "legacy");
    CHECK(gateway.state("writes").mode == Mode::native);
}

TEST_CASE("an unknown upstream stops the start with its name", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.config.routes[1].upstream = "green";
    gateway.proxy.upstreams = {"blue"};
    host::Environment environment{gateway.folder.path(), gateway.clock, gateway.metrics,
                                  base::Loop().get_executor()};
    auto opened = Module::open(gateway.config, environment,
                               {&gateway.proxy, &gateway.comparer, {}, &gateway.authenticator});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == "unknown_upstream");
    CHECK_THAT(opened.error().message, Catch::Contains("pages") && Catch::Contains("green"));
}

TEST_CASE("bad routes of the configuration are refused with a sentence", "[gateway]") {
    struct Row {
        const char* routes;
        const char* sentence;
    };
    const Row rows[] = {
        {R"([{"name":"a","path":"/a","mode":"django"}])", "gateway.routes.0.mode: expected"},
        {R"([{"name":"a","path":"/a","percent":101}])", "gateway.routes.0.percent: expected"},
        {R"([{"name":"A","path":"/a"}])", "gateway.routes.0.name: `A` is no name"},
        {R"([{"name":"unmatched","path":"/a"}])", "gateway.routes.0.name: `unmatched`"},
        {R"([{"name":"a","path":"a"}])", "gateway.routes.0.path: `a` does not begin"},
        {R"([{"name":"a","path":"/a/{b...}/c"}])", "goes on after its tail"},
        {R"([{"name":"a","path":"/v1/news"}])", "is always answered here"},
        {R"([{"name":"a","path":"/a","methods":["get"]}])", "gateway.routes.0.methods: `get`"},
        {R"([{"name":"a","path":"/a","methods":["POST"],"mode":"canary"}])",
         "gateway.routes.0.mode: canary holds for GET and HEAD alone"},
        {R"([{"name":"a","path":"/a","stick":["session","x"]}])", "gateway.routes.0.stick"},
        {R"([{"name":"a","path":"/a","stick":["a b"]}])", "gateway.routes.0.stick"},
        {R"([{"name":"a","path":"/a","group":"X"}])", "gateway.routes.0.group"},
        {R"([{"name":"a","path":"/a","compare":{"html":"x"}}])", "gateway.routes.0.compare.html"},
        {R"([{"name":"a","path":"/a","compare":{"percent":-1}}])",
         "gateway.routes.0.compare.percent"},
        {R"([{"name":"a","path":"/a"},{"name":"a","path":"/b"}])",
         "gateway.routes: two are called `a`"},
    };
    for (const auto& [routes, sentence] : rows) {
        CAPTURE(routes);
        auto problems = problems_of(routes);
        REQUIRE_FALSE(problems.empty());
        CHECK_THAT(problems.front(), Catch::Contains(sentence));
    }
    std::string many;
    for (int i = 0; i < 201; ++i) {
        many +=
            (i == 0 ? "[" : ",") + json{{"name", "r" + std::to_string(i)}, {"path", "/a"}}.dump();
    }
    CHECK_THAT(problems_of(many + "]").front(), Catch::Contains("gateway.routes_max"));
    CHECK(problems_of(R"([{"name":"a","path":"/a/{b}","methods":["GET"],"mode":"canary",)"
                      R"("percent":10,"stick":["visitor"],"group":"front","compare":{"percent":5,)"
                      R"("ignore":["/hits"]}}])")
              .empty());
}

TEST_CASE("a mode is read and set over the API, with its ETag", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    auto read = gateway.api({Method::get, articles});
    CHECK(read.status == 200);
    CHECK(read.etag == "\"1.1\"");
    CHECK(Fixture::json_of(read) == json{{"name", "articles"},
                                         {"path", "/articles/{rest...}"},
                                         {"methods", json::array()},
                                         {"mode", "proxied"},
                                         {"percent", 0},
                                         {"compare_percent", 0},
                                         {"version", 1},
                                         {"changed_at", "2026-03-01T12:00:00.000Z"},
                                         {"changed_by", nullptr},
                                         {"can_undo", false}});
    auto set = gateway.api(
        {Method::put, articles, {}, R"({"mode":"canary","percent":10,"compare_percent":5})"});
    CHECK(set.status == 200);
    CHECK(set.etag == "\"2.1\"");
    auto body = Fixture::json_of(set);
    CHECK(body.at("mode") == "canary");
    CHECK(body.at("percent") == 10);
    CHECK(body.at("compare_percent") == 5);
    CHECK(body.at("changed_by") == 7);
    auto stale =
        gateway.api({Method::put, articles, {{"If-Match", "\"1.1\""}}, R"({"mode":"native"})"});
    CHECK(stale.status == 412);
    CHECK(error_of(stale) == "precondition_failed");
    auto fresh =
        gateway.api({Method::put, articles, {{"If-Match", "\"2.1\""}}, R"({"mode":"native"})"});
    CHECK(fresh.status == 200);
    auto undone = gateway.api({Method::post, std::string(articles) + "/undo"});
    CHECK(undone.status == 200);
    CHECK(Fixture::json_of(undone).at("mode") == "canary");
    auto all = Fixture::json_of(gateway.api({Method::get, "/v1/migration/routes"}));
    REQUIRE(all.at("routes").size() == 3);
    CHECK(all.at("routes").at(0) == Fixture::json_of(undone));
}

TEST_CASE("what the API cannot do it refuses with a code and a sentence", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    struct Row {
        Method method;
        const char* target;
        const char* body;
        int status;
        const char* code;
    };
    const std::string none = "/v1/migration/routes/none";
    const Row rows[] = {
        {Method::put, articles, R"({"mode":"django"})", 422, "invalid_mode"},
        {Method::put, articles, R"({})", 422, "invalid_mode"},
        {Method::put, articles, R"({"mode":"canary","percent":101})", 422, "invalid_mode"},
        {Method::put, articles, R"({"mode":"canary","percent":-1})", 422, "invalid_mode"},
        {Method::put, articles, R"({"mode":7})", 400, "malformed_mode"},
        {Method::put, articles, R"({"mode":"canary","percent":"10"})", 400, "malformed_mode"},
        {Method::put, articles, R"({"mode":"canary","percent":0.5})", 400, "malformed_mode"},
        {Method::put, articles, R"([])", 400, "malformed_mode"},
        {Method::put, articles, "", 415, "unsupported_media_type"},
        {Method::put, "/v1/migration/routes/pages", R"({"mode":"native"})", 422, "no_native_route"},
        {Method::put, "/v1/migration/routes/none", R"({"mode":"native"})", 404, "route_not_found"},
        {Method::get, "/v1/migration/routes/none", "", 404, "route_not_found"},
        {Method::post, "/v1/migration/routes/none/undo", "", 404, "route_not_found"},
        {Method::post, "/v1/migration/routes/none/restart", "", 404, "route_not_found"},
        {Method::post, "/v1/migration/routes/articles/undo", "", 409, "nothing_to_undo"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.target, row.body);
        auto answer = gateway.api({row.method, row.target, {}, row.body});
        CHECK(answer.status == row.status);
        CHECK(error_of(answer) == row.code);
    }
}

TEST_CASE("the report says of each route what was seen, and what is missing", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    legacy::CompareReport compared;
    compared.compared = 1200;
    compared.equal = 1199;
    compared.differs_bound = 0.004;
    compared.since = gateway.clock.now() - std::chrono::hours(48);
    compared.last_new_kind = gateway.clock.now() - std::chrono::hours(30);
    legacy::DifferenceKind kind{"/results/*/title", "value", 1, compared.last_new_kind,
                                compared.last_new_kind};
    kind.samples.push_back({"/articles/7", "caf\xe9", "cafe", compared.last_new_kind});
    compared.kinds.push_back(kind);
    gateway.comparer.say("articles", compared);
    gateway.answer({Method::get, "/articles/7"});

    auto response = gateway.api({Method::get, "/v1/migration/report"});
    CHECK(response.status == 200);
    auto body = Fixture::json_of(response);
    const auto& route = body.at("routes").at(0);
    CHECK(route.at("route").at("name") == "articles");
    CHECK(route.at("legacy").at("hour") == 1);
    CHECK(route.at("legacy").at("p50_ms").is_number());
    CHECK(route.at("native") ==
          json{{"hour", 0}, {"day", 0}, {"p50_ms", nullptr}, {"p99_ms", nullptr}});
    CHECK(route.at("last_legacy").at("path") == "/articles/7");
    CHECK(route.at("last_legacy").at("method") == "GET");
    CHECK(route.at("comparison").at("compared") == 1200);
    CHECK(route.at("comparison").at("kinds").at(0).at("samples").at(0).at("legacy") ==
          "caf\xef\xbf\xbd");  // what is no UTF-8 is shown as such
    CHECK(route.at("verdict").at("ready") == false);
    CHECK(route.at("verdict").at("missing").size() == 1);
    CHECK(body.at("unmatched").at("day") == 0);
    CHECK(body.at("verdict").at("ready") == false);

    auto restarted = gateway.api({Method::post, std::string(articles) + "/restart"});
    CHECK(restarted.status == 204);
    CHECK(gateway.module->migration().report("articles")->compared.compared == 0);
}

TEST_CASE("the jobs of the command line do what the API does", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.open();
    auto jobs = gateway.module->jobs();
    auto run = [&](const char* name, const json& arguments) {
        operations::Progress progress;
        auto job = std::find_if(jobs.begin(), jobs.end(),
                                [&](const auto& one) { return one.name == name; });
        REQUIRE(job != jobs.end());
        return job->job(arguments, progress);
    };
    auto set = run("migrate_set", {{"route", "articles"}, {"mode", "canary"}, {"percent", 10}});
    REQUIRE(set);
    CHECK(set->at("mode") == "canary");
    CHECK(set->at("changed_by").is_null());
    CHECK(gateway.state("articles").percent == 10);
    CHECK(run("migrate_undo", {{"route", "articles"}})->at("mode") == "proxied");
    CHECK(run("migrate_restart", {{"route", "articles"}}));
    CHECK(run("migrate_status", json::object())->at("routes").size() == 3);
    CHECK(run("migrate_status", {{"route", "pages"}})->at("route").at("name") == "pages");
    CHECK(code(run("migrate_status", {{"route", "none"}})) == "route_not_found");
    CHECK(code(run("migrate_set", {{"route", "articles"}, {"mode", "x"}})) == "invalid_mode");
}

TEST_CASE("the migration is not finished before every route is native and the monolith at rest",
          "[gateway]") {
    Fixture gateway;
    gateway.config = two_routes();
    gateway.imports.logins = 5;
    gateway.open();
    CHECK(gateway.side({Method::get, "/else"}) == "legacy");
    auto early = gateway.api({Method::post, finish});
    CHECK(early.status == 409);
    CHECK(error_of(early) == "migration_not_ready");
    // Each route, and that somebody was served by the monolith.
    CHECK(Fixture::json_of(early).at("details").size() == 3);
    for (const char* route : {"articles", "writes"}) {
        INFO(route);
        REQUIRE(gateway.set(route, Mode::native));
    }
    CHECK(error_of(gateway.api({Method::post, finish})) == "migration_not_ready");
    CHECK_FALSE(gateway.proxy.retired());
    CHECK(gateway.imports.logins == 5);
    gateway.clock.advance(std::chrono::hours(24));
    CHECK(gateway.api({Method::post, finish}).status == 200);
}

TEST_CASE("once the migration is finished nobody asks the monolith, and no route goes back to it",
          "[gateway]") {
    Fixture gateway;
    gateway.config = two_routes();
    gateway.config.ready.quiet_h = 0;
    gateway.imports.logins = 2500;
    gateway.open();
    for (const char* route : {"articles", "writes"}) {
        INFO(route);
        REQUIRE(gateway.set(route, Mode::native));
    }
    auto done = gateway.api({Method::post, finish});
    REQUIRE(done.status == 200);
    auto body = Fixture::json_of(done);
    CHECK(body.at("accounts") == 2500);
    CHECK(gateway.imports.logins == 0);
    CHECK(gateway.proxy.retired());
    auto count = gateway.proxy.count();

    auto check = [&] {
        CHECK(gateway.side({Method::get, "/else"}) == "none");
        CHECK(gateway.side({Method::get, "/articles/7"}) == "native");
        CHECK(gateway.side({Method::post, "/articles"}) == "native");
        CHECK(code(gateway.set("articles", Mode::proxied)) == "migration_finished");
        CHECK(code(gateway.undo("articles")) == "migration_finished");
        CHECK(gateway.state("articles").mode == Mode::native);
        auto report = Fixture::json_of(gateway.api({Method::get, "/v1/migration/report"}));
        CHECK(report.at("finished_at") == body.at("finished_at"));
    };
    check();
    // Once more is no second event, and does what was not done.
    gateway.clock.advance(std::chrono::hours(1));
    gateway.imports.logins = 3;
    auto again = Fixture::json_of(gateway.api({Method::post, finish}));
    CHECK(again.at("finished_at") == body.at("finished_at"));
    CHECK(again.at("accounts") == 3);
    auto events = all_events(gateway);
    CHECK(std::count_if(events.begin(), events.end(), [](const auto& event) {
              return std::holds_alternative<MigrationFinished>(event);
          }) == 1);

    // Also after a stop, and in a process that died before all was erased.
    gateway.close();
    gateway.imports.logins = 4;
    gateway.open();
    check();
    CHECK(gateway.proxy.count() == count);
    gateway.close();
    CHECK(gateway.imports.logins == 0);
}

TEST_CASE("without a monolith modes are kept, and nothing is compared", "[gateway]") {
    Fixture gateway;
    gateway.config = three_routes();
    gateway.with_proxy = false;
    gateway.open();
    REQUIRE(gateway.set("articles", Mode::native));
    auto report = gateway.module->migration().report();
    CHECK(report.routes.size() == 3);
    CHECK_FALSE(report.last_legacy);
    CHECK(code(base::run(gateway.module->migration().restart("articles", {}))) == "no_upstream");
    auto checks = gateway.module->checks();
    REQUIRE(checks.size() == 1);
    gateway.close();
    for (const auto& found :
         host::verify_stores(Module::stores(gateway.config, gateway.folder.path()))) {
        CHECK(found.problems.empty());
    }
}

}  // namespace gateway
