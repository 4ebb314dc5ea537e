#include "bus/log.hpp"

#include "fixture.hpp"
#include "support/feed_suite.hpp"
#include "support/occupied_store.hpp"

namespace bus {

namespace {

using namespace std::chrono_literals;
using database::Transaction;

}  // namespace

TEST_CASE("positions have no gaps, also after commands that were rolled back", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()});
    Log log(*database, clock, "test");

    REQUIRE(append(*database, log, 1, 1));
    CHECK_FALSE(append(*database, log, 1, 2, true));
    CHECK_THROWS_AS(append(*database, log, 1, 1), database::Failure);
    auto third = append(*database, log, 1, 2);

    REQUIRE(third);
    CHECK(third->position == 2);
    CHECK(log.head().value() == 2);
    CHECK(chain_of(folder).problems.empty());
}

TEST_CASE("the log follows the clock, also when that is set back, and says so", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()});
    Log log(*database, clock, "test");
    CHECK(log.ahead_of_clock() == 0s);
    clock.set_by(24h * 3650);
    auto wrong = append(*database, log, 1, 1);
    clock.set_by(-24h * 3650);
    CHECK(log.ahead_of_clock() == 24h * 3650);
    {
        Log opened(*database, clock, "test");
        CHECK(opened.ahead_of_clock() == 24h * 3650);
    }

    auto right = append(*database, log, 1, 2);

    CHECK(right->recorded_at == clock.now());
    CHECK(right->position == wrong->position + 1);
    CHECK(log.ahead_of_clock() == 0s);
    CHECK(chain_of(folder).problems.empty());
}

TEST_CASE("an event is dated with the time that its command has read", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()});
    Log log(*database, clock, "test");
    auto decided_at = clock.now();
    clock.advance(3s);
    auto work = [&](Transaction& transaction) -> base::Result<Event> {
        NewEvent event{1, 1, "tested.v1", "{}", {}, "request-1", decided_at};
        return log.append(transaction, event);
    };
    auto stored = base::run(database->write<Event>(base::Deadline(), 0, work));
    CHECK(stored->recorded_at == decided_at);
}

TEST_CASE("the log can be neither changed nor deleted, also not by REPLACE", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()});
    Log log(*database, clock, "test");
    REQUIRE(append(*database, log, 1, 1));
    for (const char* sql :
         {"update events set body = 'x'", "delete from events",
          "insert or replace into events select position, stream, version, event_id,"
          " type, 'x', actor, correlation_id, recorded_at, hash from events"}) {
        CAPTURE(sql);
        auto work = [sql](Transaction& transaction) -> base::Result<bool> {
            transaction.execute(sql);
            return true;
        };
        CHECK_THROWS_AS(base::run(database->write<bool>(base::Deadline(), 0, work)),
                        database::Failure);
    }
}

TEST_CASE("a log is a feed", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()}, support::one_at_a_time());
    Log log(*database, clock, "test");
    std::map<std::int64_t, std::int64_t> versions;
    auto add = [&](std::int64_t stream) {
        REQUIRE(append(*database, log, stream, ++versions[stream]));
    };
    check_feed({log, add, true, true, support::Occupation(*database)});
}

}  // namespace bus
