// What is done about clients that look like an attack.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "client_json.hpp"
#include "config/reader.hpp"
#include "firewall_list_service.hpp"
#include "sign_service.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/temporary_folder.hpp"

namespace gateway {

using namespace std::chrono_literals;

namespace {

struct Watch {
    explicit Watch(Config c = {})
        : config(std::move(c)), service(std::make_shared<SignService>(config, environment)) {}

    /// One request that passes the steps and is answered with `status`, or what refuses it.
    std::optional<http::Response> ask(const std::string& peer, const std::string& target,
                                      int status = 200, const base::Actor& actor = {}) {
        http::Request request;
        request.peer = peer;
        request.target = target;
        request.path = target;
        request.context.request_id = "id-" + std::to_string(++number);
        auto refused = service->before(request);
        request.context.actor = actor;
        at += 50ms;
        service->answered(request, refused ? refused->status : status, at);
        return refused;
    }
    /// Numbers in order, from a walker.
    void walk(const std::string& peer, int steps = 30, const base::Actor& actor = {}) {
        for (int i = 0; i < steps; ++i) {
            ask(peer, "/articles/" + std::to_string(1000 + i), 200, actor);
        }
    }
    std::size_t named() { return service->named().size(); }
    std::string list() const {
        std::ifstream file(folder.path() / "firewall.list");
        return {std::istreambuf_iterator<char>(file), {}};
    }

    Config config;
    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    base::Loop loop;
    host::Environment environment{folder.path(), clock, metrics, loop.get_executor(), 2};
    std::shared_ptr<SignService> service;
    std::chrono::steady_clock::time_point at{std::chrono::hours(5)};
    int number = 0;
};

Config acting(const std::string& action) {
    Config config;
    config.signs.walk.action = action;
    return config;
}

std::string text_of(const http::Response& response) {
    return std::get<std::string>(response.body);
}

std::string retry_after(const http::Response& response) {
    for (const auto& [name, value] : response.fields) {
        if (name == "Retry-After") return value;
    }
    return "";
}

}  // namespace

TEST_CASE("a client that looks like an attack is named, and by itself no more than that") {
    Watch watch;
    watch.walk("203.0.113.7");
    auto named = watch.service->named();
    REQUIRE(named.size() == 1);
    CHECK(named[0].client == "203.0.113.7");
    CHECK(named[0].signs.to_string() == "0100");
    CHECK(named[0].request_id == "id-21");
    CHECK(watch.metrics.text().find("portal_gateway_client_verdicts_total{sign=\"walk\"} 1") !=
          std::string::npos);
    CHECK(watch.metrics.text().find("portal_gateway_clients_named 1") != std::string::npos);
    CHECK_FALSE(watch.ask("203.0.113.7", "/"));
    auto body = clients_body(named, watch.clock.steady());
    CHECK(body.find(R"("signs":["walk"],"action":"none")") != std::string::npos);
    CHECK(body.find(R"("figures":{"items":21,"in_order":20,"missing":0,"lists":0})") !=
          std::string::npos);
}

TEST_CASE("a blocked client is told how long, and may ask again then") {
    Watch watch(acting("block"));
    watch.walk("203.0.113.7");
    auto refused = watch.ask("203.0.113.7", "/");
    REQUIRE(refused);
    CHECK(refused->status == 429);
    CHECK(text_of(*refused).find("client_blocked") != std::string::npos);
    CHECK(text_of(*refused).find("in 10 minutes") != std::string::npos);
    CHECK(retry_after(*refused) == "600");
    CHECK_FALSE(watch.ask("203.0.113.8", "/"));
    CHECK_FALSE(watch.ask("203.0.113.7", "/v1/news/healthcheck"));
    CHECK(watch.metrics.text().find("portal_gateway_clients_refused_total{action=\"block\"} 10") !=
          std::string::npos);
    // What it is refused does not count against it.
    for (int i = 0; i < 200; ++i) watch.ask("203.0.113.7", "/");
    CHECK(watch.service->named()[0].times == 1);
    watch.clock.advance(600s);
    CHECK_FALSE(watch.ask("203.0.113.7", "/"));
}

TEST_CASE("a limited client may ask a little") {
    Watch watch(acting("limit"));
    watch.walk("203.0.113.7", 21);
    int answered = 0;
    for (int i = 0; i < 100; ++i) answered += watch.ask("203.0.113.7", "/") ? 0 : 1;
    CHECK(answered == 30);
    auto refused = watch.ask("203.0.113.7", "/");
    CHECK(text_of(*refused).find("too_many_requests") != std::string::npos);
    CHECK(retry_after(*refused) == "2");
    watch.clock.advance(2s);
    CHECK_FALSE(watch.ask("203.0.113.7", "/"));
}

TEST_CASE("an admin has a client be as any other again") {
    Watch watch(acting("block"));
    watch.walk("2001:db8:0:1::5");
    CHECK(watch.service->named()[0].client == "2001:db8:0:1::/64");
    CHECK(watch.ask("2001:db8:0:1:ffff::1", "/"));
    CHECK_FALSE(watch.ask("2001:db8:0:2::5", "/"));
    CHECK_FALSE(watch.service->forget(*http::IpAddress::parse("2001:db8:0:2::5")));
    CHECK(watch.service->forget(*http::IpAddress::parse("2001:db8:0:1::77")));
    CHECK_FALSE(watch.ask("2001:db8:0:1::5", "/"));
    CHECK(watch.named() == 0);
}

TEST_CASE("signs are not looked for in whoever is exempt, works here or has a key") {
    Config config;
    config.trusted_proxies = {"10.0.0.0/8"};
    config.signs.exempt = {"192.0.2.0/24"};
    Watch watch(config);
    base::Actor author{7, base::Role::author};
    base::Actor key{std::nullopt, base::Role::reader, 9};
    watch.walk("10.0.0.1");
    watch.walk("192.0.2.99");
    watch.walk("");
    watch.walk("203.0.113.1", 30, author);
    watch.walk("203.0.113.2", 30, key);
    CHECK(watch.named() == 0);
    // In open mode everybody may do everything, but nobody is somebody.
    watch.walk("203.0.113.3", 30, {std::nullopt, base::Role::admin});
    watch.walk("203.0.113.4", 30, {7, base::Role::reader});
    CHECK(watch.named() == 2);
}

TEST_CASE("clients in view and clients that are named are bounded") {
    Config config;
    config.signs.clients_max = 160;
    config.signs.named_max = 10;
    Watch watch(config);
    for (int i = 0; i < 1000; ++i) {
        watch.walk("198.18." + std::to_string(i / 250) + "." + std::to_string(i % 250), 21);
    }
    CHECK(watch.named() == 10);
    auto text = watch.metrics.text();
    CHECK(text.find("portal_gateway_client_verdicts_total{sign=\"walk\"} 1000") != text.npos);
    auto at = text.find("\nportal_gateway_clients_watched ");
    REQUIRE(at != text.npos);
    CHECK(std::stoi(text.substr(text.find(' ', at))) <= 160 + 16);
}

TEST_CASE("the list for a firewall has those that are on it, as long as they are") {
    Watch watch(acting("list"));
    std::ofstream(watch.folder.path() / "firewall.list") << "192.0.2.1\n";
    host::TaskGroup tasks("gateway", watch.environment);
    FirewallListService list(watch.config.signs, watch.service, watch.environment);
    list.begin(tasks);
    watch.loop.settle();
    CHECK(watch.list() == "");
    watch.walk("203.0.113.7");
    watch.walk("2001:db8::1");
    CHECK(watch.ask("203.0.113.7", "/"));
    watch.clock.advance(1s);
    watch.loop.settle();
    CHECK(watch.list() == "2001:db8::/64\n203.0.113.7\n");
    watch.clock.advance(599s);
    watch.loop.settle();
    CHECK(watch.list() == "");
    CHECK(watch.named() == 0);
    list.stop();
    watch.loop.settle();
    CHECK(base::run(tasks.ended({})));
}

TEST_CASE("settings of signs that mean nothing are refused") {
    Config config;
    config::Sources sources;
    sources.overrides = {R"(signs.exempt=["everybody"])",
                         "signs.list_file=", "signs.walk.action=list", "signs.rate.action=ban"};
    auto problems = config::read(sources, [&](config::Section& root) { describe(root, config); });
    std::vector<std::string> paths;
    for (const auto& problem : problems) paths.push_back(problem.path);
    std::sort(paths.begin(), paths.end());
    CHECK(paths ==
          std::vector<std::string>{"signs.exempt", "signs.list_file", "signs.rate.action"});
}

}  // namespace gateway
