#include "bus/chain.hpp"

#include "fixture.hpp"
#include "support/sqlite_file.hpp"

namespace bus {

namespace {

using namespace std::chrono_literals;
using Sentences = std::vector<std::string>;

/// A closed log of so many events, a second apart, that somebody has changed from outside.
class ForgedLog {
public:
    explicit ForgedLog(int events, const std::string& forgery = "") {
        auto database = open(folder_, "log.db", {log_schema()});
        Log log(*database, clock_, "test");
        auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
            for (int i = 1; i <= events; ++i) {
                log.append(transaction, {1, i, "tested.v1", "{}", 7, "request-1"});
                clock_.advance(1s);
            }
            return true;
        };
        REQUIRE(base::run(database->write<bool>(base::Deadline(), 0, work)));
        database.reset();
        if (forgery.empty()) return;
        support::change_database(folder_ / "log.db",
                                 "drop trigger events_are_not_changed;"
                                 " drop trigger events_are_not_deleted; " +
                                     forgery);
    }
    ChainReport followed() const { return chain_of(folder_); }
    const support::TemporaryFolder& folder() const { return folder_; }

private:
    support::TemporaryFolder folder_;
    support::FakeClock clock_;
};

}  // namespace

TEST_CASE("the chain goes on after opening again", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    for (int i = 1; i <= 3; ++i) {
        auto database = open(folder, "log.db", {log_schema()});
        Log log(*database, clock, "test");
        CHECK(log.head().value() == i - 1);
        REQUIRE(append(*database, log, 1, i));
        auto chain = chain_of(folder);
        CHECK(chain.problems.empty());
        CHECK(chain.events == i);
    }
}

TEST_CASE("a changed event breaks the chain, once, whatever member it is", "[bus]") {
    std::string forgery;
    Sentences wrong;
    std::int64_t position = 0;
    auto say = [&](std::int64_t at) {
        wrong.push_back("the event at position " + std::to_string(at) +
                        " is not what was recorded: its hash does not fit");
    };
    for (std::string change :
         {"actor = 8", "actor = null", "body = '[]'", "type = 'tested.v2'", "stream = 2",
          "version = 99", "event_id = 'x'", "correlation_id = ''", "recorded_at = recorded_at + 1",
          "hash = zeroblob(32)", "hash = zeroblob(3)"}) {
        position += 3;
        forgery +=
            "update events set " + change + " where position = " + std::to_string(position) + "; ";
        say(position);
        // Where the hash itself is another one, the event behind it stands on something else, too.
        if (change.starts_with("hash")) say(position + 1);
    }
    auto chain = ForgedLog(40, forgery).followed();
    CHECK(chain.events == 40);
    CHECK(chain.problems == wrong);
}

TEST_CASE("positions that are missing are said once", "[bus]") {
    CHECK(ForgedLog(5, "delete from events where position = 3").followed().problems ==
          Sentences{"position 3 is missing"});
    CHECK(ForgedLog(5, "delete from events where position < 3").followed().problems ==
          Sentences{"the positions 1 to 2 are missing"});
}

TEST_CASE("of many problems with a chain the first are said, and how many more there are",
          "[bus]") {
    auto chain = ForgedLog(300, "update events set body = '[]' where position <= 250").followed();
    CHECK(chain.events == 300);
    REQUIRE(chain.problems.size() == 100);
    CHECK_THAT(chain.problems[98], Catch::Contains("position 99 "));
    CHECK(chain.problems[99] == "and 151 more problems");
}

TEST_CASE("a long chain is followed in parts to its end, and says how far it is", "[bus]") {
    ForgedLog log(5'500, "update events set actor = 8 where position in (2000, 2001, 5500)");
    std::vector<std::pair<std::int64_t, std::int64_t>> told;
    auto chain = chain_of(log.folder(), [&](std::int64_t done, std::int64_t total) {
        told.emplace_back(done, total);
    });
    CHECK(chain.events == 5'500);
    CHECK(chain.problems.size() == 3);
    CHECK(told == decltype(told){{5'000, 5'500}});
}

TEST_CASE("who follows a chain counts how often the clock was set back", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = open(folder, "log.db", {log_schema()});
    Log log(*database, clock, "test");
    std::int64_t version = 0;
    for (auto set_by : {0s, -3600s, 500s, -1s, -2s}) {
        clock.set_by(set_by);
        REQUIRE(append(*database, log, 1, ++version));
    }
    auto chain = chain_of(folder);
    CHECK(chain.problems.empty());
    // A second is nothing.
    CHECK(chain.set_back == 2);
}

TEST_CASE("an event that is not what was recorded is not given to who asks for proof", "[bus]") {
    // Versions 1 to 9 of one stream; what is changed of one of them, and up to which one is read.
    struct Row {
        const char* forgery;
        std::int64_t after;
        std::int64_t given;
        bool refused;
    };
    const std::vector<Row> rows = {
        {"", 0, 9, false},
        {"update events set body = '[]' where version = 4", 0, 3, true},
        {"update events set body = '[]' where version = 4", 4, 5, false},
        {"update events set hash = zeroblob(32) where version = 4", 0, 3, true},
        // The one behind it stands on it.
        {"update events set hash = zeroblob(32) where version = 4", 4, 0, true},
        {"delete from events where version = 4", 0, 3, true},
        {"update events set actor = 8 where version = 1", 0, 0, true},
    };
    for (const auto& row : rows) {
        CAPTURE(row.forgery, row.after);
        ForgedLog log(9, row.forgery);
        auto database = open(log.folder(), "log.db", {log_schema()});
        std::int64_t given = 0;
        auto read = [&](database::ReadTransaction& transaction) -> base::Result<bool> {
            read_proven_stream(transaction, 1, row.after,
                               [&](const Event&) { return ++given > 0; });
            return true;
        };
        auto all = base::run(database->read<bool>(base::Deadline(), read));
        bool refused = !all;
        if (refused) {
            CHECK(all.error().code == "store_damaged");
            CHECK_THAT(database->warning(),
                       Catch::Contains("log.db is damaged: the event at position"));
        }
        CHECK(given == row.given);
        CHECK(refused == row.refused);
    }
}

TEST_CASE("a log that cannot be read is a problem of its chain", "[bus]") {
    support::TemporaryFolder folder;
    open(folder, "log.db", {heard_schema}).reset();
    auto chain = chain_of(folder);
    CHECK(chain.events == 0);
    CHECK(chain.problems.size() == 1);
}

}  // namespace bus
