// Health, and a stop that leaves nobody without an answer.
#include <signal.h>

#include "shared_portal.hpp"
#include "support/catch.hpp"
#include "support/eventually.hpp"

using namespace std::chrono_literals;
using nlohmann::json;
using support::HttpClient;
using support::new_item;
using support::PortalProcess;

TEST_CASE("the operations listener tells health and numbers, and the public one does not",
          "[system]") {
    auto& portal = tests::shared_portal();
    portal.get("/v1/news/all/1/10");
    HttpClient client(portal.operations());

    auto alive = client.request("GET", "/livez");
    CHECK(alive.status == 200);
    auto ready = client.request("GET", "/readyz");
    INFO(ready.body);
    CHECK(ready.status == 200);
    CHECK(ready.json().at("status") == "ready");
    for (const char* check :
         {"news-sports", "news-politics", "orchestrator", "clock", "tasks", "disk", "draining"}) {
        CHECK(ready.json().at("checks").at(check) == "ok");
    }
    auto metrics = client.request("GET", "/metrics");
    CHECK(metrics.status == 200);
    CHECK(metrics.field("Content-Type").starts_with("text/plain; version=0.0.4"));
    for (const char* name :
         {"process_resident_memory_bytes ", "process_open_fds ", "process_threads ",
          "portal_http_responses_total{listener=\"http\",route=\"unmatched\",status=\"4xx\"} ",
          "portal_http_connections{", "portal_cache_hits_total ", "portal_database_commits_total{",
          "portal_database_write_queue{", "portal_breaker_state{dependency=\"news:sports\"} 0",
          "portal_http_limit 256\n", "portal_http_in_flight ", "portal_http_shed_total{",
          "portal_clock_jumps_total 0\n",
          "portal_tasks_restarted_total{task=\"news-sports.projector\"} 0\n"}) {
        INFO(name);
        CHECK(metrics.body.find(name) != std::string::npos);
    }
    CHECK(client.request("GET", "/v1/news/all/1/10").status == 404);
    for (const char* path : {"/livez", "/readyz", "/metrics", "/jobs/1"}) {
        CHECK(portal.get(path).status == 404);
    }
}

TEST_CASE("an operator asks a running server what is parked", "[system]") {
    auto& portal = tests::shared_portal();
    auto listed = portal.command({"parked", "list"});
    CHECK(listed.code == 0);
    CHECK(listed.output == "Nothing is parked.\n");
    auto unknown = portal.command({"parked", "retry", "news.spots", "7"});
    CHECK(unknown.code == 2);
    CHECK(unknown.errors.find("news.sports") != std::string::npos);
    auto well = portal.command({"parked", "drop", "news.sports", "7"});
    CHECK(well.code == 2);
    CHECK(well.errors.find("not parked") != std::string::npos);
}

TEST_CASE("the control socket is the owner's alone", "[system]") {
    auto& portal = tests::shared_portal();
    auto socket = portal.data() / "portal.sock";
    using std::filesystem::perms;
    CHECK((std::filesystem::status(socket).permissions() &
           (perms::group_all | perms::others_all)) == perms::none);
    CHECK((std::filesystem::status(portal.data()).permissions() &
           (perms::group_all | perms::others_all)) == perms::none);
}

TEST_CASE("a stop answers what is under way, closes what is idle, and ends with 0", "[system]") {
    PortalProcess portal;
    portal.start();
    auto body = new_item("slow upload").dump();
    HttpClient slow(portal.address());
    REQUIRE(slow.send(support::head_of("POST", "/v1/news/sports",
                                       {{"Content-Type", "application/json"},
                                        {"Expect", "100-continue"},
                                        {"Content-Length", std::to_string(body.size())}})));
    // The server has begun with it when it asks for the rest.
    CHECK(slow.receive(true).status == 100);
    REQUIRE(slow.send(body.substr(0, 20)));
    HttpClient idle(portal.address());
    CHECK(idle.request("GET", "/v1/news/all/1/10").status == 200);
    HttpClient untouched(portal.address());
    HttpClient watcher(portal.operations());
    CHECK(watcher.request("GET", "/readyz").status == 200);

    portal.process().signal(SIGTERM);

    CHECK(idle.ends(10s));
    CHECK(untouched.ends(10s));
    CHECK(support::eventually([&] {
        try {
            HttpClient late(portal.address());
            return false;
        } catch (const support::ConnectionLost&) {
            return true;
        }
    }));
    // Whoever asks for health meanwhile hears that it is not for new requests.
    auto ready = HttpClient(portal.operations()).request("GET", "/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.json().at("status") == "not ready");
    CHECK(ready.has_field("Retry-After"));
    CHECK(portal.process().running());

    REQUIRE(slow.send(body.substr(20)));
    auto answer = slow.receive();
    CHECK(answer.status == 201);
    CHECK(answer.field("Connection") == "close");
    CHECK(slow.ends(10s));
    CHECK(portal.process().wait(support::stop_limit) == 0);
    CHECK_FALSE(std::filesystem::exists(portal.data() / "portal.addresses.json"));
    CHECK_FALSE(std::filesystem::exists(portal.data() / "portal.sock"));

    portal.start();
    CHECK(portal.get(tests::path_of(answer.news())).body == answer.body);
    CHECK(portal.stop() == 0);
}

TEST_CASE("a request that never ends cannot hold up a stop for longer than is configured",
          "[system]") {
    PortalProcess portal(json{{"http", {{"drain_timeout_ms", 500}}}});
    portal.start();
    HttpClient slow(portal.address());
    REQUIRE(slow.send(support::head_of("POST", "/v1/news/sports",
                                       {{"Content-Type", "application/json"},
                                        {"Expect", "100-continue"},
                                        {"Content-Length", "100"}})));
    CHECK(slow.receive(true).status == 100);
    auto started = std::chrono::steady_clock::now();
    CHECK(portal.stop() == 0);
    CHECK(std::chrono::steady_clock::now() - started < 15s);
}

TEST_CASE("SIGINT stops like SIGTERM, and a second signal does not wait", "[system]") {
    PortalProcess portal;
    portal.start();
    portal.process().signal(SIGINT);
    CHECK(portal.process().wait(support::stop_limit) == 0);

    portal.start();
    HttpClient slow(portal.address());
    REQUIRE(slow.send(support::head_of("POST", "/v1/news/sports",
                                       {{"Content-Type", "application/json"},
                                        {"Expect", "100-continue"},
                                        {"Content-Length", "100"}})));
    CHECK(slow.receive(true).status == 100);
    portal.process().signal(SIGTERM);
    REQUIRE(support::eventually(
        [&] { return HttpClient(portal.operations()).request("GET", "/readyz").status == 503; }));
    portal.process().signal(SIGTERM);
    CHECK(portal.process().wait(10s) == 128 + SIGTERM);
    portal.start();
    CHECK(portal.stop() == 0);
}
