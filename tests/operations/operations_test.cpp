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

TEST_CASE("a warning is shown, and the server is ready all the same", "[operations]") {
    telemetry::Metrics metrics;
    http::Router router;
    std::string broken;
    add_routes(router, metrics,
               {{"store", [&broken] { return broken; }},
                {"clock", [] { return ""; }, [] { return "it was set back"; }}});
    auto ask = [&router] {
        http::Request request;
        request.target = "/readyz";
        auto match = router.match(request);
        REQUIRE(match.route);
        support::NoBody none;
        return *base::run(match.route->handler(request, none));
    };
    auto ready = ask();
    CHECK(ready.status == 200);
    CHECK(json::parse(std::get<std::string>(ready.body))["status"] == "ready");
    CHECK(json::parse(std::get<std::string>(ready.body))["checks"]["clock"] == "ok");
    CHECK(json::parse(std::get<std::string>(ready.body))["warnings"]["clock"] == "it was set back");
    broken = "it cannot be written";
    CHECK(ask().status == 503);
}

}  // namespace operations
