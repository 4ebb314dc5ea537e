#include "http/server.hpp"
#include "operations/data_folder.hpp"
#include "operations/health.hpp"
#include "operations/jobs.hpp"
#include "operations/terminal.hpp"
#include "support/catch.hpp"
#include "support/no_body.hpp"
#include "support/temporary_folder.hpp"

namespace operations {

namespace {

using nlohmann::json;

/// A control socket with the jobs behind it.
class Control {
public:
    Control() : server_(config(), metrics_) {
        jobs.add({"double", [](const json& arguments, Progress& progress) -> base::Result<json> {
                      progress.tell(1, 2, "half");
                      return {boost::system::in_place_value,
                              json{{"number", arguments.at("number").get<int>() * 2}}};
                  }});
        jobs.add({"refuse", [](const json&, Progress&) -> base::Result<json> {
                      return base::Error{base::Reason::invalid, "not_today", "Not today."};
                  }});
        jobs.add({"wait", [](const json&, Progress& progress) -> base::Result<json> {
                      while (!progress.stop)
                          std::this_thread::sleep_for(std::chrono::milliseconds(1));
                      return {boost::system::in_place_value, json::object()};
                  }});
        auto router = std::make_shared<http::Router>();
        jobs.add_routes(*router);
        server_.add({"control", address(), router, std::make_shared<http::AnonymousAuthenticator>(),
                     false});
        REQUIRE(server_.start());
    }
    ~Control() {
        jobs.stop();
        server_.stop();
    }
    std::string address() const { return "unix:" + (folder_ / "control.sock").string(); }
    base::Result<json> run(const char* name, json arguments) {
        return run_on_server(address(), name, arguments, [](const Progress::State&) {});
    }

    Jobs jobs;

private:
    static http::Config config() {
        http::Config config;
        config.threads = 1;
        return config;
    }
    support::TemporaryFolder folder_;
    telemetry::Metrics metrics_;
    http::Server server_;
};

}  // namespace

TEST_CASE("a job is carried out by the server that was asked", "[operations]") {
    Control control;
    auto result = control.run("double", {{"number", 21}});
    REQUIRE(result);
    CHECK(result->at("number") == 42);
    auto refused = control.run("refuse", json::object());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "not_today");
    CHECK(refused.error().reason == base::Reason::invalid);
    CHECK(refused.error().message == "Not today.");
    CHECK(control.run("unknown", json::object()).error().code == "unknown_job");
    CHECK(control.run("double", json::object()).error().code == "job_broke");
}

TEST_CASE("who asks for a job hears of that job, not of the one that came after", "[operations]") {
    Control control;
    std::vector<std::thread> callers;
    std::atomic<int> right = 0;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&control, &right, i] {
            for (;;) {
                auto result = control.run("double", {{"number", i}});
                if (!result && result.error().code == "job_running") continue;
                right += result && result->at("number") == 2 * i;
                return;
            }
        });
    }
    for (auto& caller : callers) caller.join();
    CHECK(right == 4);
}

TEST_CASE("one job at a time, and stop ends it", "[operations]") {
    Control control;
    // Whichever of the two comes first, the other is refused: both ask until "wait" has its turn.
    std::thread first([&] {
        while (!control.run("wait", json::object())) {
        }
    });
    base::Result<json> second = base::deadline_passed();
    do {
        second = control.run("double", {{"number", 1}});
    } while (second);
    CHECK(second.error().code == "job_running");
    control.jobs.stop();
    first.join();
    CHECK(control.run("double", {{"number", 1}}).error().code == "stopping");
}

TEST_CASE("nobody behind the control socket is said, not waited for", "[operations]") {
    support::TemporaryFolder folder;
    auto result = run_on_server("unix:" + (folder / "none.sock").string(), "x", json::object(),
                                [](const Progress::State&) {});
    REQUIRE_FALSE(result);
    CHECK(result.error().reason == base::Reason::unavailable);
}

TEST_CASE("one owner of a data folder at a time", "[operations]") {
    support::TemporaryFolder folder;
    auto path = folder / "data";
    {
        auto first = DataFolder::lock(path);
        REQUIRE(first);
        CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
              std::filesystem::perms::owner_all);
        CHECK(DataFolder::lock(path).error().code == "folder_in_use");
        first->write_addresses({{"http", "127.0.0.1:1"}});
        CHECK(std::filesystem::exists(path / "portal.addresses.json"));
        first->remove_addresses();
        CHECK_FALSE(std::filesystem::exists(path / "portal.addresses.json"));
    }
    CHECK(DataFolder::lock(path));
    CHECK(DataFolder::lock("/proc/portal").error().code == "folder_unusable");
    CHECK(DataFolder::lock("/dev/null").error().code == "folder_unusable");
}

TEST_CASE("numbers are written for people", "[operations]") {
    CHECK(with_commas(0) == "0");
    CHECK(with_commas(999) == "999");
    CHECK(with_commas(1000) == "1,000");
    CHECK(with_commas(-1234567) == "-1,234,567");
}

TEST_CASE("a disk with too little room is not ready", "[operations]") {
    support::TemporaryFolder folder;
    CHECK(disk_check(folder.path(), 0).ask().empty());
    CHECK_FALSE(disk_check(folder.path(), std::int64_t{1} << 60).ask().empty());
    CHECK_FALSE(disk_check(folder / "missing", 0).ask().empty());
}

namespace {

http::Response asked(const http::Router& router, const char* target,
                     std::vector<http::Request::Field> fields = {}) {
    http::Request request;
    request.target = target;
    request.fields = std::move(fields);
    auto match = router.match(request);
    REQUIRE(match.route);
    support::NoBody none;
    return *base::run(match.route->handler(request, none));
}

}  // namespace

TEST_CASE("a module's health is told by names and words alone", "[operations]") {
    std::string broken;
    std::string warning;
    http::Router router;
    router.add(health_route("/v1/some/healthcheck",
                            {{"store", [&broken] { return broken; }},
                             {"clock", [] { return ""; }, [&warning] { return warning; }}}));
    auto told = [&router] {
        auto answer = asked(router, "/v1/some/healthcheck");
        CHECK(answer.cache_control == "no-store");
        return std::pair(answer.status, std::get<std::string>(answer.body));
    };
    CHECK(told() == std::pair<int, std::string>(
                        200, R"({"status":"ok","checks":[{"name":"store","status":"ok"},)"
                             R"({"name":"clock","status":"ok"}]})"));
    warning = "/srv/data: it was set back";
    CHECK(told() == std::pair<int, std::string>(
                        200, R"({"status":"degraded","checks":[{"name":"store","status":"ok"},)"
                             R"({"name":"clock","status":"degraded"}]})"));
    broken = "/srv/data cannot be written";
    CHECK(told() == std::pair<int, std::string>(
                        503, R"({"status":"down","checks":[{"name":"store","status":"down"},)"
                             R"({"name":"clock","status":"degraded"}]})"));
}

TEST_CASE("what /readyz says is in /metrics, in the form that was asked for", "[operations]") {
    telemetry::Metrics metrics;
    http::Router router;
    std::string broken = "it cannot be written";
    std::vector<Check> checks{{"store", [&broken] { return broken; }, [] { return "look"; }}};
    auto health = measure_health(metrics, checks);
    auto process = measure_process(metrics, "1.2.3");
    support::TemporaryFolder folder;
    auto disk = measure_disk(metrics, folder.path());
    add_routes(router, metrics, checks);
    auto classic = asked(router, "/metrics");
    CHECK(classic.content_type == "text/plain; version=0.0.4; charset=utf-8");
    auto text = std::get<std::string>(classic.body);
    for (const char* line :
         {"portal_check_ok{check=\"store\"} 0\n", "portal_check_warning{check=\"store\"} 1\n",
          "portal_build_info{version=\"1.2.3\"} 1\n", "\nportal_disk_free_bytes "}) {
        CAPTURE(line);
        CHECK_THAT(text, Catch::Contains(line));
    }
    CHECK_FALSE(text.ends_with("# EOF\n"));
    broken.clear();
    auto open =
        asked(router, "/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0,*/*"}});
    CHECK(open.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
    CHECK_THAT(std::get<std::string>(open.body),
               Catch::Contains("portal_check_ok{check=\"store\"} 1\n"));
    CHECK(std::get<std::string>(open.body).ends_with("# EOF\n"));
}

TEST_CASE("a warning is shown, and the server is ready all the same", "[operations]") {
    telemetry::Metrics metrics;
    http::Router router;
    std::string broken;
    add_routes(router, metrics,
               {{"store", [&broken] { return broken; }},
                {"clock", [] { return ""; }, [] { return "it was set back"; }}});
    auto ask = [&router] { return asked(router, "/readyz"); };
    auto ready = ask();
    CHECK(ready.status == 200);
    CHECK(json::parse(std::get<std::string>(ready.body))["status"] == "ready");
    CHECK(json::parse(std::get<std::string>(ready.body))["checks"]["clock"] == "ok");
    CHECK(json::parse(std::get<std::string>(ready.body))["warnings"]["clock"] == "it was set back");
    broken = "it cannot be written";
    CHECK(ask().status == 503);
}

}  // namespace operations
