#include "compare_service.hpp"

#include <fstream>
#include <iterator>
#include <thread>
#include <tuple>

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/faulty_file_system.hpp"
#include "support/temporary_folder.hpp"
#include "telemetry/metrics.hpp"

namespace {

using legacy::Comparison;
using legacy::Side;

constexpr std::chrono::seconds limit{60};

http::RequestCopy request(const std::string& target) {
    http::Request asked;
    asked.target = target;
    asked.fields = {{"Cookie", "sessionid=COOKIE-SECRET"}, {"Authorization", "Bearer A-SECRET"}};
    return http::RequestCopy(asked);
}

http::PlainResponse json(std::string body, int status = 200) {
    http::PlainResponse answer;
    answer.status = status;
    answer.fields = {{"Content-Type", "application/json"}, {"Set-Cookie", "a=SET-COOKIE-SECRET"}};
    answer.body = std::move(body);
    return answer;
}

base::Task<http::PlainResponse> answered(http::PlainResponse answer) {
    co_return answer;
}

base::Task<http::PlainResponse> refused() {
    co_return base::Error{base::Reason::unavailable, "upstream_refused", "Nobody is there."};
}

/// Answers once the gate is open, and says that it was asked.
base::Task<http::PlainResponse> answered_at(const base::Watermark& gate, base::Watermark& asked,
                                            http::PlainResponse answer) {
    asked.advance(asked.value() + 1);
    co_await gate.reached(1, limit);
    co_return answer;
}

/// Both sides, as a test has them answer.
struct Sides {
    std::function<http::PlainResponse(const std::string& target)> legacy = [](auto&) {
        return json(R"({"title":"a"})");
    };
    std::function<http::PlainResponse(const std::string& target)> native = legacy;
    std::atomic<int> legacy_asked{0};
};

class Fixture {
public:
    ~Fixture() { support::FaultyFileSystem::heal(); }

    host::Environment environment() {
        return {folder.path(), clock, metrics, background_.get_executor()};
    }
    void open(legacy::CompareRules rules = {}) {
        open(
            std::move(rules),
            [this](const Comparison& asked, base::Deadline) {
                ++sides.legacy_asked;
                return answered(sides.legacy(asked.request.target()));
            },
            [this](const Comparison& asked, base::Deadline) {
                return answered(sides.native(asked.request.target()));
            });
    }
    void open(legacy::CompareRules rules, legacy::Comparer::Ask ask_legacy,
              legacy::Comparer::Ask ask_native) {
        auto opened = legacy::open_comparer(config, environment());
        REQUIRE(opened);
        comparer = std::move(*opened);
        comparer->add_route("news", std::move(rules), std::move(ask_legacy), std::move(ask_native));
        comparer->start();
    }
    void close() {
        REQUIRE(base::run(comparer->stop({})));
        comparer.reset();
    }

    /// What the monolith has answered a reader.
    void offer(const std::string& target, http::PlainResponse answer) {
        comparer->offer({"news", request(target), Side::legacy, std::move(answer)});
    }
    void offer(const std::string& target) { offer(target, sides.legacy(target)); }
    void settle(std::int64_t count) {
        auto is_settled = base::run(comparer->settled().reached(count, limit));
        REQUIRE(is_settled);
        REQUIRE(*is_settled);
    }
    legacy::CompareReport report() { return comparer->report("news"); }

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    legacy::CompareConfig config;
    Sides sides;
    std::unique_ptr<legacy::CompareService> comparer;

private:
    base::Loop background_;
};

}  // namespace

TEST_CASE("one answer of a thousand that differs is found, and the bound falls once it is mended",
          "[legacy]") {
    Fixture fixture;
    fixture.config.queue_max = 1000;
    fixture.sides.native = [](const std::string& target) {
        return json(target == "/news/517/" ? R"({"title":"b"})" : R"({"title":"a"})");
    };
    fixture.open();

    for (int i = 0; i < 1000; ++i) fixture.offer("/news/" + std::to_string(i) + "/");
    fixture.settle(1000);

    auto found = fixture.report();
    CHECK(found.compared == 1000);
    CHECK(found.equal == 999);
    CHECK(found.differs_bound == Approx(0.004735).epsilon(0.001));
    REQUIRE(found.kinds.size() == 1);
    CHECK(found.kinds[0].pointer == "/title");
    CHECK(found.kinds[0].what == "value");
    CHECK(found.kinds[0].count == 1);
    REQUIRE(found.kinds[0].samples.size() == 1);
    CHECK(found.kinds[0].samples[0].target == "/news/517/");
    CHECK(found.kinds[0].samples[0].legacy == "\"a\"");
    CHECK(found.kinds[0].samples[0].native == "\"b\"");

    fixture.sides.native = fixture.sides.legacy;
    REQUIRE(base::run(fixture.comparer->restart("news")));
    for (int i = 0; i < 1000; ++i) fixture.offer("/news/" + std::to_string(i) + "/");
    fixture.settle(2000);

    auto mended = fixture.report();
    CHECK(mended.compared == 1000);
    CHECK(mended.equal == 1000);
    CHECK(mended.kinds.empty());
    CHECK(mended.differs_bound == Approx(0.002991).epsilon(0.001));
}

TEST_CASE("our own answer is held against the monolith's", "[legacy]") {
    Fixture fixture;
    fixture.sides.legacy = [](auto&) { return json(R"({"title":"a","old":1})"); };
    fixture.open();

    fixture.comparer->offer({"news", request("/a"), Side::native, json(R"({"title":"a"})")});
    fixture.settle(1);

    auto report = fixture.report();
    REQUIRE(report.kinds.size() == 1);
    CHECK(report.kinds[0].pointer == "/old");
    CHECK(report.kinds[0].what == "missing");
    CHECK(fixture.sides.legacy_asked == 1);
}

TEST_CASE("what differs in two answers of the monolith is noise", "[legacy]") {
    Fixture fixture;
    std::atomic<int> hits{0};
    fixture.sides.legacy = [&](auto&) {
        return json(R"({"title":"a","hits":)" + std::to_string(++hits) + "}");
    };
    fixture.sides.native = [](auto&) { return json(R"({"title":"a","hits":-1})"); };
    legacy::CompareRules rules;
    rules.repeat = 4;
    fixture.open(rules);

    for (int i = 1; i <= 8; ++i) {
        fixture.offer("/a");
        fixture.settle(i);
    }

    auto report = fixture.report();
    CHECK(report.compared == 8);
    CHECK(report.equal == 8);
    CHECK(report.kinds.empty());
    CHECK(report.noise == std::vector<std::string>{"/hits"});
    CHECK(fixture.sides.legacy_asked == 2);
}

TEST_CASE("a full queue takes no more, and says so", "[legacy]") {
    Fixture fixture;
    fixture.config.in_flight_max = 1;
    fixture.config.queue_max = 2;
    base::Watermark gate;
    base::Watermark asked;
    auto ask = [&](const Comparison&, base::Deadline) {
        return answered_at(gate, asked, json("1"));
    };
    fixture.open({}, ask, ask);
    CHECK(fixture.comparer->has_room());

    fixture.offer("/a", json("1"));
    REQUIRE(*base::run(asked.reached(1, limit)));
    for (int i = 0; i < 5; ++i) fixture.offer("/a", json("1"));
    CHECK_FALSE(fixture.comparer->has_room());
    CHECK(fixture.report().dropped == 3);
    gate.advance(1);
    fixture.settle(3);

    CHECK(fixture.comparer->has_room());
    CHECK(fixture.report().compared == 3);
    CHECK(fixture.report().dropped == 3);
    auto text = fixture.metrics.text();
    CHECK_THAT(text, Catch::Contains(
                         R"(portal_legacy_comparisons_total{result="dropped",route="news"} 3)"));
    CHECK_THAT(
        text, Catch::Contains(R"(portal_legacy_comparisons_total{result="equal",route="news"} 3)"));
    CHECK_THAT(text, Catch::Contains("portal_legacy_comparisons_waiting 0"));
}

TEST_CASE("no more comparisons are under way than there may be", "[legacy]") {
    Fixture fixture;
    fixture.config.in_flight_max = 2;
    base::Watermark gate;
    base::Watermark asked;
    auto ask = [&](const Comparison&, base::Deadline) {
        return answered_at(gate, asked, json("1"));
    };
    fixture.open({}, ask, ask);

    for (int i = 0; i < 4; ++i) fixture.offer("/a", json("1"));
    REQUIRE(*base::run(asked.reached(2, limit)));
    CHECK(asked.value() == 2);
    gate.advance(1);
    fixture.settle(4);

    CHECK(asked.value() == 4);
}

TEST_CASE("many threads may offer, ask and begin anew at a time", "[legacy]") {
    constexpr int threads = 3;
    constexpr int offers = 200;
    Fixture fixture;
    fixture.config.queue_max = threads * offers;
    fixture.open();
    std::atomic<bool> offering{true};
    std::thread reader([&] {
        while (offering) {
            auto report = fixture.report();
            if (report.compared == 50) std::ignore = base::run(fixture.comparer->restart("news"));
        }
    });
    std::vector<std::thread> writers;
    for (int t = 0; t < threads; ++t) {
        writers.emplace_back([&] {
            for (int i = 0; i < offers; ++i) fixture.offer("/a");
        });
    }
    for (auto& writer : writers) writer.join();
    fixture.settle(threads * offers);
    offering = false;
    reader.join();

    auto report = fixture.report();
    CHECK(report.compared <= threads * offers);
    CHECK(report.equal == report.compared);
    CHECK(report.dropped == 0);
}

TEST_CASE("a side that cannot be asked is a failure and no difference", "[legacy]") {
    Fixture fixture;
    auto ask_legacy = [](const Comparison& asked, base::Deadline) {
        if (asked.request.target() == "/refused") return refused();
        if (asked.request.target() == "/thrown") throw std::runtime_error("it broke");
        return answered(json("", 503));
    };
    auto ask_native = [](const Comparison& asked, base::Deadline) {
        return answered(json("1", asked.request.target() == "/late" ? 504 : 500));
    };
    fixture.open({}, ask_legacy, ask_native);

    for (const char* target : {"/refused", "/thrown", "/overloaded"})
        fixture.comparer->offer({"news", request(target), Side::native, json("1")});
    fixture.settle(3);
    CHECK(fixture.report().failed == 3);
    CHECK(fixture.report().compared == 0);

    // That ours breaks is what one wants to know.
    fixture.offer("/ours", json("1"));
    fixture.settle(4);
    CHECK(fixture.report().failed == 3);
    REQUIRE(fixture.report().kinds.size() == 1);
    CHECK(fixture.report().kinds[0].pointer == "status");

    // Not that it is late where no reader has seen it.
    fixture.offer("/late", json("1"));
    fixture.settle(5);
    CHECK(fixture.report().failed == 4);
    CHECK(fixture.report().kinds[0].count == 1);
}

TEST_CASE("what cannot be compared is skipped", "[legacy]") {
    Fixture fixture;
    fixture.config.body_bytes_max = 1024;
    fixture.open();
    auto stream = json("");
    stream.complete = false;

    fixture.offer("/a", stream);
    fixture.offer("/b", json("\"" + std::string(2000, 'x') + "\""));
    fixture.settle(2);

    CHECK(fixture.report().skipped == 2);
    CHECK(fixture.report().compared == 0);
    CHECK(fixture.report().differs_bound == 1);
}

TEST_CASE("what was found is there after a restart of the server", "[legacy]") {
    Fixture fixture;
    legacy::CompareRules rules;
    rules.repeat = 1000;
    fixture.open(rules);
    fixture.sides.native = [](auto&) { return json(R"({"title":"b","more":[1]})"); };
    for (int i = 0; i < 30; ++i) {
        fixture.clock.advance(std::chrono::milliseconds(10));
        fixture.offer("/" + std::to_string(i));
        fixture.settle(i + 1);
    }
    fixture.sides.native = fixture.sides.legacy;
    fixture.offer("/equal");
    fixture.settle(31);
    auto before = fixture.report();
    fixture.close();

    fixture.open(rules);

    auto after = fixture.report();
    CHECK(after.compared == 31);
    CHECK(after.equal == 1);
    CHECK(after.since == before.since);
    CHECK(after.last_new_kind == before.last_new_kind);
    REQUIRE(after.kinds.size() == 2);
    CHECK(after.kinds[0].count == 30);
    CHECK(after.kinds[0].first == before.kinds[0].first);
    CHECK(after.kinds[0].last == before.kinds[0].last);
    REQUIRE(after.kinds[0].samples.size() == 20);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(after.kinds[0].samples[i].target == before.kinds[0].samples[i].target);
        CHECK(after.kinds[0].samples[i].native == before.kinds[0].samples[i].native);
        CHECK(after.kinds[0].samples[i].at == before.kinds[0].samples[i].at);
    }
}

TEST_CASE("noise is known after a restart of the server, and other rules begin anew", "[legacy]") {
    Fixture fixture;
    std::atomic<int> hits{0};
    fixture.sides.legacy = [&](auto&) {
        return json(R"({"hits":)" + std::to_string(++hits) + "}");
    };
    legacy::CompareRules rules;
    rules.repeat = 1;
    fixture.open(rules);
    for (int i = 0; i < 2; ++i) fixture.offer("/a");
    fixture.settle(2);
    fixture.close();

    fixture.open(rules);
    CHECK(fixture.report().noise == std::vector<std::string>{"/hits"});
    CHECK(fixture.report().compared == 2);
    fixture.close();

    rules.subset = true;
    fixture.open(rules);
    CHECK(fixture.report().noise.empty());
    CHECK(fixture.report().compared == 0);
    CHECK(fixture.report().since == fixture.clock.now());
}

TEST_CASE("what was found is stored while it goes on", "[legacy]") {
    Fixture fixture;
    fixture.open();
    fixture.offer("/a");
    fixture.settle(1);
    fixture.clock.until_waited_for(fixture.config.store_interval_ms);
    fixture.clock.pass(fixture.config.store_interval_ms);
    fixture.clock.until_waited_for(fixture.config.store_interval_ms);

    // A copy of the file as it is now is what a crash would leave.
    support::TemporaryFolder copy;
    for (const char* name : {"legacy.db", "legacy.db-wal"})
        std::filesystem::copy_file(fixture.folder / name, copy / name);
    auto environment = fixture.environment();
    environment.folder = copy.path();
    auto opened = legacy::open_comparer(fixture.config, environment);
    REQUIRE(opened);
    (*opened)->add_route("news", {}, {}, {});

    CHECK((*opened)->report("news").compared == 1);
}

TEST_CASE("counting begins anew for one route, also in the store", "[legacy]") {
    Fixture fixture;
    fixture.open();
    fixture.sides.native = [](auto&) { return json(R"({"title":"b"})"); };
    fixture.offer("/a");
    fixture.settle(1);
    fixture.clock.advance(std::chrono::hours(1));

    REQUIRE(base::run(fixture.comparer->restart("news")));
    auto unknown = base::run(fixture.comparer->restart("sports"));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "unknown_route");
    CHECK(fixture.report().compared == 0);
    CHECK(fixture.report().since == fixture.clock.now());
    auto since = fixture.report().since;
    fixture.close();
    fixture.clock.advance(std::chrono::hours(1));

    fixture.open();
    CHECK(fixture.report().compared == 0);
    CHECK(fixture.report().kinds.empty());
    CHECK(fixture.report().since == since);
}

TEST_CASE("a comparison that was under way when counting began anew does not count", "[legacy]") {
    Fixture fixture;
    base::Watermark gate;
    base::Watermark asked;
    auto ask = [&](const Comparison&, base::Deadline) {
        return answered_at(gate, asked, json("1"));
    };
    fixture.open({}, ask, ask);
    fixture.offer("/a", json("2"));
    REQUIRE(*base::run(asked.reached(1, limit)));

    REQUIRE(base::run(fixture.comparer->restart("news")));
    gate.advance(1);
    fixture.settle(1);

    CHECK(fixture.report().compared == 0);
    CHECK(fixture.report().kinds.empty());
}

TEST_CASE("neither credentials nor what is personal reach the disk", "[legacy]") {
    Fixture fixture;
    legacy::CompareRules rules;
    rules.headers = {"set-cookie", "authorization"};
    fixture.sides.native = [](auto&) {
        auto answer = json(R"({"password":"P-SECRET","name":"me@E-SECRET.example","seen":1})");
        answer.fields.back().second = "b=OTHER-SECRET";
        return answer;
    };
    fixture.open(rules);
    fixture.offer("/a?token=Q-SECRET&page=2");
    fixture.settle(1);
    REQUIRE(fixture.report().kinds.size() == 5);
    fixture.close();

    std::ifstream file(fixture.folder / "legacy.db", std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK_THAT(bytes, Catch::Contains("/a?token=[redacted]&page=2"));
    CHECK(bytes.find("SECRET") == std::string::npos);
}

TEST_CASE("comparing goes on while nothing can be stored", "[legacy]") {
    support::FaultyFileSystem::install();
    Fixture fixture;
    fixture.open();
    support::FaultyFileSystem::writes_until_full = 0;
    fixture.offer("/a");
    fixture.settle(1);
    fixture.clock.until_waited_for(fixture.config.store_interval_ms);
    fixture.clock.pass(fixture.config.store_interval_ms);
    fixture.clock.until_waited_for(60 * fixture.config.store_interval_ms);
    auto refused = base::run(fixture.comparer->restart("news"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "not_stored");
    fixture.offer("/a");
    fixture.settle(2);
    CHECK(fixture.report().compared == 1);

    support::FaultyFileSystem::heal();
    fixture.close();

    fixture.open();
    CHECK(fixture.report().compared == 1);
}

TEST_CASE("a disk that fails costs what was compared, and not the process", "[legacy]") {
    support::FaultyFileSystem::install();
    Fixture fixture;
    fixture.open();
    fixture.offer("/a");
    fixture.settle(1);
    support::FaultyFileSystem::syncs_until_error = 0;

    fixture.close();

    support::FaultyFileSystem::heal();
    fixture.open();
    CHECK(fixture.report().compared <= 1);
}

TEST_CASE("stopping waits for what is under way, but not for what waits", "[legacy]") {
    Fixture fixture;
    fixture.config.in_flight_max = 1;
    base::Watermark gate;
    base::Watermark asked;
    auto ask = [&](const Comparison&, base::Deadline) {
        return answered_at(gate, asked, json("1"));
    };
    fixture.open({}, ask, ask);
    for (int i = 0; i < 3; ++i) fixture.offer("/a", json("1"));
    REQUIRE(*base::run(asked.reached(1, limit)));

    auto stopped = base::run(fixture.comparer->stop(base::Deadline::in(std::chrono::seconds(0))));
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().code == "deadline_passed");
    CHECK_FALSE(fixture.comparer->has_room());
    gate.advance(1);
    REQUIRE(base::run(fixture.comparer->stop({})));

    CHECK(fixture.report().compared == 1);
    CHECK(fixture.report().dropped == 0);
    fixture.offer("/late", json("1"));
    CHECK(fixture.report().compared == 1);
}

TEST_CASE("a command that works on the folder compares nothing", "[legacy]") {
    Fixture fixture;
    auto environment = fixture.environment();
    environment.scheduled = false;
    auto opened = legacy::open_comparer(fixture.config, environment);
    REQUIRE(opened);
    (*opened)->add_route("news", {}, {}, {});
    (*opened)->start();

    CHECK_FALSE((*opened)->has_room());
}
