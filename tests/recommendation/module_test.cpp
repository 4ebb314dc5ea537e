#include "fixture.hpp"

#include <algorithm>
#include <cmath>

#include "config/reader.hpp"
#include "support/faulty_file_system.hpp"
#include "support/sqlite_file.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using support::FaultyFileSystem;

constexpr const char* user_7 = "/v1/recommendation/user/7";
constexpr const char* applied = "portal_recommendation_visits_applied_total";
constexpr const char* dropped = "portal_recommendation_visits_dropped_total";
constexpr const char* failures = "portal_recommendation_batch_failures_total";

}  // namespace

TEST_CASE("what is viewed is soon in the graph, in both directions", "[recommendation]") {
    Fixture graph;
    graph.open();
    graph.users.known = {{7, {7, "Ann", "ann@example.org"}}};
    graph.visit(7, 1, {"famous"});
    graph.visit(7, 2, {"politics"});
    graph.visit(7, 3, {"sports"});

    graph.apply();
    CHECK(graph.ids(user_7) == R"(["famous","politics","sports"])");
    CHECK(graph.ids("/v1/recommendation/label/sports") == "[7]");
    CHECK(graph.counted(applied) == 3);
}

TEST_CASE("a visit wakes the module at once", "[recommendation]") {
    Fixture graph;
    graph.open();
    graph.settle();
    // Without a wake-up each would have to wait until the module looks by itself, once a second.
    for (std::uint64_t i = 1; i <= 5; ++i) {
        graph.visit(7, static_cast<std::int64_t>(i), {"a"});
        graph.settle();
        graph.pass(19ms);
        CHECK(graph.counted(applied) == i - 1);
        graph.pass(1ms);
        CHECK(graph.counted(applied) == i);
    }
}

TEST_CASE("every visit is either applied or counted as dropped", "[recommendation]") {
    Fixture graph;
    graph.config.ring_visits_max = 1000;
    graph.config.batch_visits_max = 300;
    graph.open();
    std::vector<std::thread> publishers;
    std::atomic<int> at_work{4};
    for (int publisher = 0; publisher < 4; ++publisher) {
        publishers.emplace_back([&graph, &at_work, publisher] {
            for (int i = 0; i < 2000; ++i)
                graph.visit(publisher + 1, i, {"t" + std::to_string(i % 7)});
            --at_work;
        });
    }
    while (at_work > 0) graph.settle();
    for (auto& publisher : publishers) publisher.join();
    graph.apply();
    auto all = [&] { return graph.counted(applied) + graph.counted(dropped, {{"why", "full"}}); };
    CHECK(all() == 8000);
    graph.close();
    auto file = graph.folder / "recommendation.db";
    CHECK(support::number_from_database(file, "select count(*) from views") ==
          static_cast<std::int64_t>(graph.counted(applied)));
    CHECK(support::number_from_database(file, "select readers from totals") ==
          support::number_from_database(file, "select count(distinct user_id) from edges"));
}

TEST_CASE("visits that come together are stored together", "[recommendation]") {
    Fixture graph;
    graph.config.batch_interval_ms = 1000ms;
    graph.open();
    telemetry::Labels file{{"file", "recommendation"}};
    auto before = graph.counted("portal_database_commits_total", file);
    for (int i = 1; i <= 500; ++i) graph.visit(7, i, {"a"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 500);
    CHECK(graph.counted("portal_database_commits_total", file) - before <= 3);
}

TEST_CASE("a full batch waits for nobody", "[recommendation]") {
    Fixture graph;
    graph.config.batch_interval_ms = 1h;
    graph.config.batch_visits_max = 10;
    graph.open();
    for (int i = 1; i <= 25; ++i) graph.visit(7, i, {"a"});
    graph.settle();
    CHECK(graph.counted(applied) == 20);
    CHECK_THAT(graph.metrics.text(), Catch::Contains("portal_recommendation_visits_backlog 5"));
}

TEST_CASE("what is published before the stop is stored", "[recommendation]") {
    Fixture graph;
    graph.config.batch_interval_ms = 1h;
    graph.open();
    for (int i = 1; i <= 40; ++i) graph.visit(7, i, {"a" + std::to_string(i % 4)});
    graph.close();
    CHECK(graph.counted(applied) == 40);
    graph.open(false);
    CHECK(graph.entries(user_7).size() == 4);
    // Nobody hears it any more; it must not wake what is gone.
    auto visits = std::move(graph.visits);
    graph.close();
    visits->publish({7, "sports", 50, {"late"}, graph.clock.now()});
}

TEST_CASE("a repeated visit counts once", "[recommendation]") {
    Fixture graph;
    graph.open();
    for (int i = 0; i < 10; ++i) graph.visit(7, 1, {"a"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 10);
    // One visit, and one reader of one: ln(1 + 1 / 1).
    CHECK(graph.entries(user_7)[0]["weight"].get<double>() == Approx(std::log(2.0)));

    graph.clock.advance(1h);
    graph.visit(7, 1, {"a"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 11);
    CHECK(graph.entries(user_7)[0]["weight"].get<double>() ==
          Approx((1 + std::exp2(-1.0 / 336)) * std::log(2.0)));
}

TEST_CASE("visits that are too old to be repeated are forgotten on the way", "[recommendation]") {
    Fixture graph;
    graph.open();
    for (int i = 1; i <= 30; ++i) graph.visit(7, i, {"a"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 30);
    graph.clock.advance(3h);
    graph.visit(7, 31, {"a"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 31);
    graph.close();
    // A few at a time: never many rows in one transaction, but more than come.
    auto file = graph.folder / "recommendation.db";
    auto left = support::number_from_database(file, "select count(*) from views");
    CHECK(left > 1);
    CHECK(left < 30);
    graph.open();
    graph.visit(7, 32, {"a"});
    graph.close();
    CHECK(support::number_from_database(file, "select count(*) from views") == 2);
}

TEST_CASE("a restart keeps everything", "[recommendation]") {
    Fixture graph;
    graph.open();
    graph.visit(7, 1, {"a", "b"});
    graph.visit(8, 1, {"a", "b"});
    graph.clock.advance(2h);
    graph.visit(7, 2, {"b"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 3);
    auto before = graph.entries(user_7);
    CHECK(before[0]["id"] == "b");
    graph.close();
    graph.open();
    CHECK(graph.entries(user_7) == before);

    graph.visit(7, 2, {"b"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 4);
    CHECK(graph.entries(user_7) == before);
}

TEST_CASE("another half-life changes no weight at its start, and counts from then on",
          "[recommendation]") {
    Fixture graph;
    graph.open();
    graph.visit(7, 1, {"a"});
    graph.apply();
    REQUIRE(graph.ids(user_7) == R"(["a"])");
    graph.clock.advance(14 * 24h);
    auto before = graph.entries(user_7)[0]["weight"].get<double>();
    CHECK(before == Approx(0.5 * std::log(2.0)));
    graph.close();

    graph.config.half_life_h = 1h;
    graph.open();
    CHECK(graph.entries(user_7)[0]["weight"].get<double>() == Approx(before));
    graph.clock.advance(2h);
    CHECK(graph.entries(user_7)[0]["weight"].get<double>() == Approx(before / 4));
    graph.close();
    graph.open();
    CHECK(graph.entries(user_7)[0]["weight"].get<double>() == Approx(before / 4));
}

TEST_CASE("a removed user's edges go, and late visits bring none back", "[recommendation]") {
    Fixture graph;
    graph.open();
    graph.visit(7, 1, {"a", "b"});
    graph.visit(8, 1, {"a"});
    graph.apply();
    REQUIRE(graph.counted(applied) == 2);
    // One of two readers of "a", the only one of "b".
    REQUIRE(graph.ids(user_7) == R"(["b","a"])");
    graph.remove_user(7);
    graph.apply();
    REQUIRE(graph.ids(user_7) == "[]");

    graph.visit(7, 2, {"c"});
    graph.visit(8, 2, {"c"});
    graph.apply();
    CHECK(graph.ids("/v1/recommendation/user/8") == R"(["a","c"])");
    CHECK(graph.ids(user_7) == "[]");
    CHECK(graph.entries("/v1/recommendation/user/8")[0]["weight"].get<double>() ==
          Approx(std::log(2.0)));
    CHECK(graph.counted("portal_recommendation_edges_removed_total", {{"why", "removed"}}) == 2);
}

TEST_CASE("a removal that happened while the module was down is heard at its start",
          "[recommendation]") {
    Fixture graph;
    graph.open();
    graph.visit(7, 1, {"a"});
    graph.apply();
    REQUIRE(graph.ids(user_7) == R"(["a"])");
    graph.close();
    graph.remove_user(7);
    graph.open();
    graph.apply();
    CHECK(graph.ids(user_7) == "[]");
}

TEST_CASE("a full ring drops the oldest visits, and says how many", "[recommendation]") {
    Fixture graph;
    graph.config.ring_visits_max = 16;
    graph.open(false);
    for (int i = 1; i <= 20; ++i) graph.visit(7, i, {"a" + std::to_string(i)});
    graph.start();
    graph.apply();
    REQUIRE(graph.counted(applied) == 16);
    CHECK(graph.counted(dropped, {{"why", "full"}}) == 4);
    CHECK(graph.entries(user_7).size() == 16);
    CHECK(graph.ids("/v1/recommendation/label/a4") == "[]");
}

TEST_CASE("a batch that cannot be written is kept until the disk has room", "[recommendation]") {
    FaultyFileSystem::install();
    Fixture graph;
    graph.open();
    graph.visit(7, 1, {"before"});
    graph.apply();
    REQUIRE(graph.ids(user_7) == R"(["before"])");
    FaultyFileSystem::writes_until_full = 0;
    graph.visit(7, 2, {"during"});
    graph.apply();
    auto failed_at_once = graph.counted(failures);
    // The waits grow: 100 ms, 200 ms.
    graph.pass(100ms);
    graph.pass(199ms);
    auto failed_twice = graph.counted(failures);
    graph.pass(1ms);
    auto failed_again = graph.counted(failures);
    bool writable = graph.writable();
    auto meanwhile = graph.ids(user_7);
    FaultyFileSystem::heal();

    CHECK(failed_at_once == 1);
    CHECK(failed_twice == 2);
    CHECK(failed_again == 3);
    CHECK_FALSE(writable);
    CHECK(meanwhile == R"(["before"])");
    graph.pass(400ms);
    CHECK(graph.counted(applied) == 2);
    CHECK(graph.writable());
    CHECK(graph.counted(failures) == 3);
}

TEST_CASE("a stop on a full disk ends at once, and says what is lost", "[recommendation]") {
    FaultyFileSystem::install();
    Fixture graph;
    graph.config.batch_visits_max = 2;
    graph.open();
    FaultyFileSystem::writes_until_full = 0;
    for (int i = 1; i <= 5; ++i) graph.visit(7, i, {"a"});
    graph.settle();
    auto failed = graph.counted(failures);
    graph.close();
    FaultyFileSystem::heal();
    CHECK(failed == 1);
    CHECK(graph.counted(applied) == 0);
    CHECK(graph.counted(dropped, {{"why", "stopping"}}) == 5);
}

TEST_CASE("a visit that the graph cannot take holds back no other", "[recommendation]") {
    Fixture graph;
    graph.open(false);
    graph.close();
    support::change_database(
        graph.folder / "recommendation.db",
        "create trigger no_poison before insert on edges when new.label = 'poison'"
        " begin select raise(abort, 'poisoned'); end");
    graph.open();
    graph.visit(7, 1, {"a"});
    graph.visit(7, 2, {"b", "poison"});
    graph.visit(7, 3, {"c"});
    graph.apply();
    CHECK(graph.ids(user_7) == R"(["a","c"])");
    CHECK(graph.counted(dropped, {{"why", "broken"}}) == 1);
    CHECK(graph.counted(applied) == 2);
}

TEST_CASE("a file that cannot be opened is refused in one sentence", "[recommendation]") {
    Fixture graph;
    base::Loop background;
    bus::Topic<news::NewsViewed> visits;
    host::Environment environment{graph.folder / "missing", graph.clock, graph.metrics,
                                  background.get_executor()};
    auto opened = Module::open(graph.config, environment, {visits, *graph.users_log, graph.users});
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Catch::Contains("recommendation.db"));
}

TEST_CASE("settings out of their range are refused by name", "[recommendation]") {
    auto problems_of = [](const std::string& setting) {
        Config config;
        config::Sources sources;
        sources.overrides = {setting};
        return config::read(sources, [&](config::Section& root) { describe(root, config); });
    };
    CHECK(problems_of("batch_visits_max=65536").empty());
    for (const char* wrong : {"batch_visits_max=65537", "half_life_h=0", "repeat_interval_ms=999",
                              "answer_entries_max=1001", "profiles_deadline_ms=0"}) {
        CAPTURE(wrong);
        auto problems = problems_of(wrong);
        REQUIRE(problems.size() == 1);
        CHECK(std::string(wrong).starts_with(problems[0].path));
    }
}

}  // namespace recommendation
