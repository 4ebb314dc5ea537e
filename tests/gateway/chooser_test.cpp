// Who answers a request: the chooser on the module's own store, before a monolith that is faked.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "fixture.hpp"
#include "support/http_client.hpp"

#if defined(__SANITIZE_ADDRESS__)
// Of the sanitizer's own library; its header is not installed with the compiler.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void*,
                                                                           std::size_t),
                                                         void (*released)(const volatile void*));
#endif

namespace gateway {

namespace {

using namespace std::chrono_literals;
using http::Method;

std::string session(int number) {
    return "sessionid=s-" + std::to_string(number);
}

/// What a client of the session `number` gets.
std::string side_of(Fixture& gateway, const std::string& target, int number) {
    auto cookie = session(number);
    return gateway.side({Method::get, target, {{"Cookie", cookie}}});
}

#if defined(__SANITIZE_ADDRESS__)
thread_local bool counting = false;
thread_local std::size_t allocations = 0;

void count_allocation(const volatile void*, std::size_t) {
    if (counting) ++allocations;
}
void ignore_release(const volatile void*) {}
#endif

}  // namespace

TEST_CASE("on day one all is the monolith's but the API, the console and the keys", "[gateway]") {
    Fixture gateway;
    gateway.open();
    for (const char* target : {"/", "/articles", "/articles/7", "/admin/", "/old/7", "/docs",
                               "/feeds/all", "/robots.txt", "/v10", "//v1/news", "/%76%31/news"}) {
        CAPTURE(target);
        CHECK(gateway.side({Method::get, target}) == "legacy");
        CHECK(gateway.side({Method::post, target}) == "legacy");
    }
    CHECK(gateway.side({Method::get, "/v1/news"}) == "native");
    CHECK(gateway.side({Method::get, "/v1/news?page=1"}) == "native");
    CHECK(gateway.side({Method::get, "/v1/nothing"}) == "none");
    CHECK(gateway.side({Method::get, "/console"}) == "none");
    CHECK(gateway.side({Method::put, "/v1/news"}) == "none");
    CHECK(gateway.proxy.count() == 0);
}

TEST_CASE("without a monolith there is no chooser", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("articles", "/articles", "native")};
    gateway.with_proxy = false;
    gateway.open();
    CHECK_FALSE(gateway.module->chooser());
    gateway.close();
    gateway.with_proxy = true;
    gateway.proxy.is_there = false;
    gateway.open();
    CHECK_FALSE(gateway.module->chooser());
    CHECK(gateway.router->numbers() == gateway.router->routes().size() + 2);
    http::Request request;
    request.target = "/nothing";
    CHECK_FALSE(gateway.router->match(request).route);
}

TEST_CASE("a mode holds for the methods and paths of its rule, a slash at the end or not",
          "[gateway]") {
    Fixture gateway;
    auto reading = rule("reading", "/articles/{rest...}", "native");
    reading.methods = {"GET"};
    gateway.config.routes = {reading};
    gateway.open();
    for (const char* target : {"/articles", "/articles/", "/articles/7", "/articles/7/",
                               "/articles/7?a=b", "/%61rticles/7"}) {
        CAPTURE(target);
        CHECK(gateway.side({Method::get, target}) == "native");
        CHECK(gateway.side({Method::head, target}) == "native");
        CHECK(gateway.side({Method::post, target}) == "legacy");
        CHECK(gateway.side({Method::del, target}) == "legacy");
    }
    // What is native and not there is not there.
    CHECK(gateway.side({Method::get, "/articles/7/comments"}) == "none");
    CHECK(gateway.side({Method::get, "/other"}) == "legacy");
    // An alias counts as it is sent.
    CHECK(gateway.side({Method::get, "/old/7"}) == "legacy");
}

TEST_CASE("an alias is ours when a rule names it", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("old", "/old/{rest...}", "proxied")};
    gateway.open();
    CHECK(gateway.side({Method::get, "/old/7"}) == "legacy");
    REQUIRE(gateway.set("old", Mode::native));
    CHECK(gateway.side({Method::get, "/old/7"}) == "native");
    CHECK(gateway.side({Method::get, "/articles/7"}) == "legacy");
}

TEST_CASE("a path that could be read in two ways meets no rule", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("all", "/{rest...}", "native")};
    gateway.open();
    CHECK(gateway.side({Method::get, "/articles/7"}) == "native");
    for (const char* target :
         {"/articles/../articles/7", "/articles%2f7", "/x/%2e%2e/articles", "/articles;a",
          "//articles", "/articles//7", "/articles\\7", "/articles/%5C7"}) {
        CAPTURE(target);
        CHECK(gateway.side({Method::get, target}) == "legacy");
    }
    CHECK(gateway.side({Method::get, "/v1/../articles"}) == "none");
}

TEST_CASE("canary and native_or_legacy hold for GET and HEAD, every write is the monolith's",
          "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("articles", "/articles", "canary", 100),
                             rule("item", "/articles/{id}", "native_or_legacy")};
    gateway.open();
    for (auto method : {Method::post, Method::put, Method::patch, Method::del, Method::options}) {
        CHECK(gateway.side({method, "/articles"}) == "legacy");
        CHECK(gateway.side({method, "/articles/7"}) == "legacy");
    }
    CHECK(gateway.side({Method::get, "/articles"}) == "native");
    CHECK(gateway.side({Method::head, "/articles"}) == "native");
    CHECK(gateway.side({Method::get, "/articles/7"}) == "wrapped");
    CHECK(gateway.side({Method::get, "/articles/7", {{"Content-Length", "2"}}}) == "legacy");
    REQUIRE(gateway.set("articles", Mode::native));
    CHECK(gateway.side({Method::post, "/articles"}) == "native");
}

TEST_CASE("a preflight goes where the request goes that it is about", "[gateway]") {
    Fixture gateway;
    auto reading = rule("reading", "/articles", "native");
    reading.methods = {"GET"};
    gateway.config.routes = {reading};
    gateway.open();
    auto preflight = [&](const char* about) {
        return gateway.side(
            {Method::options, "/articles", {{"Access-Control-Request-Method", about}}});
    };
    CHECK(preflight("GET") == "none");  // ours: the interceptors answer it
    CHECK(preflight("POST") == "legacy");
    CHECK(gateway.side({Method::options, "/articles"}) == "legacy");
}

TEST_CASE("a client stays on its side, and a growing share only adds clients", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("articles", "/articles", "canary", 0),
                             rule("item", "/articles/{id}", "canary", 30)};
    gateway.open();
    std::set<int> ours;
    for (std::int64_t percent : {0, 10, 30, 100}) {
        REQUIRE(gateway.set("articles", Mode::canary, percent));
        std::set<int> now;
        for (int i = 0; i < 10000; ++i) {
            auto native = side_of(gateway, "/articles", i) == "native";
            if (native) now.insert(i);
            // Of one group, so of one side at the same share.
            if (percent == 30) CHECK((side_of(gateway, "/articles/7", i) == "native") == native);
        }
        CAPTURE(percent, now.size());
        CHECK(std::abs(static_cast<double>(now.size()) / 100 - static_cast<double>(percent)) < 2);
        CHECK(std::includes(now.begin(), now.end(), ours.begin(), ours.end()));
        ours = now;
    }
}

TEST_CASE("who a client is says its session, else a cookie that lasts, else its address",
          "[gateway]") {
    Fixture gateway;
    auto sticky = rule("articles", "/articles", "canary", 50);
    sticky.stick = {"visitor", "ga"};
    auto by_address = rule("item", "/articles/{id}", "canary", 50);
    by_address.stick = {stick_to_address};
    gateway.config.routes = {sticky, by_address};
    gateway.config.trusted_proxies = {"10.0.0.0/8"};
    gateway.open();

    // The same key, wherever it stands: the same side.
    std::map<std::string, int> sides;
    for (int i = 0; i < 64; ++i) {
        auto key = "k" + std::to_string(i);
        auto with = [&](const std::string& cookie, const char* peer) {
            return gateway.side({Method::get, "/articles", {{"Cookie", cookie}}, "", peer});
        };
        auto by_session = with("sessionid=" + key, "203.0.113.1");
        ++sides[by_session];
        CHECK(with("visitor=other; sessionid=" + key, "203.0.113.2") == by_session);
        CHECK(with("ga=other; visitor=" + key, "203.0.113.3") == by_session);
        CHECK(with("sessionid=; ga=" + key, "203.0.113.4") == by_session);

        auto address = "203.0.113." + std::to_string(i);
        auto direct = gateway.side(
            {Method::get, "/articles/7", {{"Cookie", "sessionid=" + key}}, "", address});
        ++sides[direct];
        Fixture::Fields forwarded{{"X-Forwarded-For", address}};
        CHECK(gateway.side({Method::get, "/articles/7", forwarded, "", "10.1.2.3"}) == direct);
        CHECK(gateway.side({Method::get, "/articles", {}, "", address}) == direct);
        // Who is not trusted says nothing of whom it asks for.
        CHECK(gateway.side({Method::get, "/articles/7", forwarded, "", "198.51.100.1"}) ==
              gateway.side({Method::get, "/articles/7", {}, "", "198.51.100.1"}));
    }
    CHECK(sides["native"] > 32);
    CHECK(sides["legacy"] > 32);
    // One network of 64 bits is one client.
    CHECK(gateway.side({Method::get, "/articles/7", {}, "", "2001:db8:1:2::1"}) ==
          gateway.side({Method::get, "/articles/7", {}, "", "2001:db8:1:2:ffff::9"}));
}

TEST_CASE("where we fail, are late or know of nothing, the monolith answers", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("item", "/articles/{rest...}", "native_or_legacy")};
    gateway.open();
    using Said = std::pair<int, std::string>;
    CHECK(gateway.answer({Method::get, "/articles/7"}) == Said{200, "native 7"});
    CHECK(gateway.answer({Method::get, "/articles"}) == Said{200, "native"});
    CHECK(gateway.answer({Method::get, "/articles?cached"}) == Said{200, "prepared"});
    CHECK(gateway.proxy.count() == 0);
    for (const char* target : {"/articles/0", "/articles/5", "/articles/6", "/articles/7/x"}) {
        CAPTURE(target);
        CHECK(gateway.answer({Method::get, target}) == Said{200, "legacy"});
    }
    // Whoever is asked has its own deadline.
    CHECK(gateway.answer({Method::get, "/articles/9"}) == Said{200, "soon"});
    auto report = gateway.module->migration().report("item");
    REQUIRE(report);
    CHECK(report->native.hour == 4);
    CHECK(report->legacy.hour == 4);
    REQUIRE(report->last_legacy);
    CHECK(report->last_legacy->path == "/articles/0");  // one a second is noted
}

TEST_CASE("in the shadow the monolith answers, and what it said is offered for comparison",
          "[gateway]") {
    Fixture gateway;
    auto shadowed = rule("item", "/articles/{id}", "shadow");
    shadowed.compare_percent = 100;
    gateway.config.routes = {shadowed};
    gateway.open();
    CHECK(gateway.answer({Method::get, "/articles/7?a=b", {{"Cookie", "x=y"}}}).second == "legacy");
    auto offered = gateway.comparer.offered();
    REQUIRE(offered.size() == 1);
    CHECK(offered[0].route == "item");
    CHECK(offered[0].answered == legacy::Side::legacy);
    CHECK(offered[0].answer.body == "legacy");
    CHECK(offered[0].took == 1ms);
    CHECK(offered[0].request.target() == "/articles/7?a=b");

    // What is no whole answer, or a write, is not; nor anything while there is no room.
    gateway.answer({Method::get, "/articles/7", {{"If-None-Match", "\"1\""}}});
    gateway.answer({Method::get, "/articles/7", {{"Range", "bytes=0-1"}}});
    gateway.answer({Method::head, "/articles/7"});
    gateway.answer({Method::post, "/articles/7"});
    gateway.comparer.room = false;
    gateway.answer({Method::get, "/articles/7"});
    CHECK(gateway.comparer.offered().size() == 1);
    CHECK(gateway.proxy.count() == 6);
}

TEST_CASE("of native answers a sample is offered for comparison, refusals too", "[gateway]") {
    Fixture gateway;
    auto native = rule("item", "/articles/{rest...}", "native");
    native.compare_percent = 100;
    gateway.config.routes = {native};
    gateway.open();
    for (const char* target : {"/articles/7", "/articles?cached", "/articles/0", "/articles/6"}) {
        CHECK(gateway.side({Method::get, target}) == "wrapped");
        gateway.answer({Method::get, target});
    }
    auto offered = gateway.comparer.offered();
    REQUIRE(offered.size() == 4);
    CHECK(offered[0].answered == legacy::Side::native);
    CHECK(offered[0].answer.body == "native 7");
    CHECK(offered[1].answer.body == "prepared");
    CHECK(offered[2].answer.status == 404);
    CHECK(offered[3].answer.status == 500);
    CHECK(gateway.proxy.count() == 0);
    REQUIRE(gateway.set("item", Mode::native, std::nullopt, 20));
    int wrapped = 0;
    for (int i = 0; i < 2000; ++i) wrapped += gateway.side({Method::get, "/articles"}) == "wrapped";
    CHECK(wrapped > 300);
    CHECK(wrapped < 500);
}

TEST_CASE("each side can be asked what the other has answered, and leaves no trace", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("item", "/articles/{rest...}", "shadow")};
    gateway.open();
    const auto& route = gateway.comparer.routes.at("item");
    http::Request request;
    request.target = "/articles/7";
    legacy::Comparison comparison{"item", http::RequestCopy(request), legacy::Side::legacy, {}, {}};
    auto native = base::run(route.ask_native(comparison, base::Deadline::in(10s)));
    REQUIRE(native);
    CHECK(native->body == "native 7");
    CHECK(base::run(route.ask_legacy(comparison, {}))->body == "legacy");
    // What we do not have is not asked of the monolith once more.
    request.target = "/articles/7/x";
    legacy::Comparison missing{"item", http::RequestCopy(request), legacy::Side::legacy, {}, {}};
    auto nothing = base::run(route.ask_native(missing, base::Deadline::in(10s)));
    REQUIRE(nothing);
    CHECK(nothing->status == 404);
    CHECK(gateway.proxy.count() == 0);
    CHECK(gateway.module->migration().report("item")->native.day == 0);
}

TEST_CASE("a rule passes on how its requests go to the monolith", "[gateway]") {
    Fixture gateway;
    auto live = rule("live", "/live");
    live.upstream = "blue";
    live.buffer = false;
    live.upgrade = true;
    gateway.config.routes = {live};
    gateway.proxy.upstreams = {"blue"};
    gateway.open();
    gateway.answer({Method::get, "/live"});
    gateway.answer({Method::get, "/other"});
    auto forwarded = gateway.proxy.forwarded();
    REQUIRE(forwarded.size() == 2);
    CHECK(forwarded[0].passage.upstream == "blue");
    CHECK_FALSE(forwarded[0].passage.buffered);
    CHECK(forwarded[0].passage.upgrades);
    CHECK(forwarded[1].passage.upstream.empty());
    CHECK(forwarded[1].passage.buffered);
    CHECK_FALSE(forwarded[1].passage.upgrades);
}

TEST_CASE("both sides are counted by rule, for the report and for Prometheus", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("item", "/articles/{id}", "canary", 50)};
    gateway.open();
    int native = 0;
    for (int i = 0; i < 100; ++i) {
        auto cookie = session(i);
        native +=
            gateway.answer({Method::get, "/articles/7", {{"Cookie", cookie}}}).second == "native 7";
    }
    gateway.answer({Method::post, "/contact/"});
    auto report = gateway.module->migration().report();
    REQUIRE(report.routes.size() == 1);
    CHECK(report.routes[0].native.hour == native);
    CHECK(report.routes[0].legacy.hour == 100 - native);
    CHECK(report.routes[0].native.p50);
    CHECK(report.unmatched.day == 1);
    REQUIRE(report.last_legacy);
    auto text = gateway.metrics.text();
    auto line = [](const char* side, int count) {
        return std::string("portal_gateway_requests_total{rule=\"item\",side=\"") + side + "\"} " +
               std::to_string(count) + "\n";
    };
    CHECK_THAT(text, Catch::Contains(line("native", native)));
    CHECK_THAT(text, Catch::Contains(line("legacy", 100 - native)));
    CHECK_THAT(text, Catch::Contains("portal_gateway_request_seconds_count{rule=\"item\",side=\""));
}

#if defined(__SANITIZE_ADDRESS__)
TEST_CASE("to choose costs a request that we answer no allocation", "[gateway]") {
    REQUIRE(__sanitizer_install_malloc_and_free_hooks(count_allocation, ignore_release) != 0);
    Fixture gateway;
    gateway.config.routes = {rule("list", "/articles", "native"),
                             rule("item", "/articles/{id}", "canary", 100),
                             rule("either", "/{other}/{id}", "native_or_legacy")};
    gateway.config.trusted_proxies = {"10.0.0.0/8"};
    gateway.open();
    auto chooser = gateway.module->chooser();
    struct Row {
        const char* target;
        Fixture::Fields fields;
    };
    const std::vector<Row> rows = {
        {"/v1/news", {}},
        {"/articles", {}},
        {"/articles/7?a=b", {{"Cookie", "a=b; sessionid=0123456789abcdef0123456789abcdef"}}},
        {"/articles/7", {{"X-Forwarded-For", "2001:db8:1234:5678:9abc:def0:1234:5678"}}},
        {"/%61rticles/7", {}},
        {"/old/7", {}}};
    for (const auto& row : rows) {
        CAPTURE(row.target);
        http::Request request;
        request.target = row.target;
        request.fields = row.fields;
        request.peer = "10.0.0.1";
        auto match = gateway.router->match(request);
        auto first = chooser->choose(request, match);
        chooser->answered(first.ticket | 2, 200, 1ms);
        allocations = 0;
        counting = true;
        auto choice = chooser->choose(request, match);
        chooser->answered(choice.ticket | 2, 200, 1ms);
        counting = false;
        CHECK(allocations == 0);
        REQUIRE(choice.match.route);
        CHECK_FALSE(choice.match.route->elsewhere);
    }
}
#endif

TEST_CASE("modes change under many requests: none fails, shares hold, no client flips",
          "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("articles", "/articles", "canary", 0)};
    gateway.io_threads = 5;
    gateway.proxy.remembers = false;
    gateway.open();
    ChoosingServer server(gateway, 4);
    constexpr int clients = 8;
    constexpr int keys = 2000;
    std::atomic<bool> stop{false};
    std::atomic<int> failed{0};
    std::atomic<int> flipped{0};
    std::atomic<bool> grows{true};
    std::vector<std::thread> all;
    std::atomic<std::int64_t> asked{0};
    for (int number = 0; number < clients; ++number) {
        all.emplace_back([&, number] {
            support::HttpClient client(server.address());
            std::vector<bool> ours(keys, false);
            for (int i = number; !stop; i = (i + clients) % keys) {
                auto answer = client.request("GET", "/articles", "", {{"Cookie", session(i)}});
                // Still: what was decided before the share falls.
                bool growing = grows.load();
                bool native = answer.body == "native";
                auto at = static_cast<std::size_t>(i);
                if (answer.status != 200 || (!native && answer.body != "legacy")) ++failed;
                if (growing && ours[at] && !native) ++flipped;
                ours[at] = native;
                ++asked;
            }
        });
    }
    auto share_of = [&] {
        support::HttpClient client(server.address());
        int native = 0;
        for (int i = 0; i < 500; ++i) {
            native +=
                client.request("GET", "/articles", "", {{"Cookie", session(i)}}).body == "native";
        }
        return static_cast<double>(native) / 5;
    };
    for (std::int64_t percent : {10, 30, 60, 100}) {
        REQUIRE(gateway.set("articles", Mode::canary, percent));
        CHECK(std::abs(share_of() - static_cast<double>(percent)) < 6);
    }
    grows = false;
    REQUIRE(gateway.set("articles", Mode::canary, 0));
    CHECK(share_of() == 0);
    stop = true;
    for (auto& thread : all) thread.join();
    CHECK(failed == 0);
    CHECK(flipped == 0);
    CHECK(asked > 100);
}

TEST_CASE("a change that is acknowledged holds on every thread at once", "[gateway]") {
    Fixture gateway;
    gateway.config.routes = {rule("articles", "/articles", "proxied")};
    gateway.io_threads = 5;
    gateway.open();
    ChoosingServer server(gateway, 4);
    // More connections than threads, so that each thread has some.
    std::vector<std::unique_ptr<support::HttpClient>> clients;
    for (int i = 0; i < 32; ++i) {
        clients.push_back(std::make_unique<support::HttpClient>(server.address()));
    }
    auto all_get = [&](const std::string& expected) {
        int got = 0;
        for (auto& client : clients) got += client->request("GET", "/articles").body == expected;
        return got;
    };
    CHECK(all_get("legacy") == 32);
    for (int round = 0; round < 3; ++round) {
        auto changed = std::chrono::steady_clock::now();
        REQUIRE(gateway.set("articles", Mode::native));
        CHECK(std::chrono::steady_clock::now() - changed < 5s);
        CHECK(all_get("native") == 32);
        REQUIRE(gateway.undo("articles"));
        CHECK(all_get("legacy") == 32);
    }
}

}  // namespace gateway
