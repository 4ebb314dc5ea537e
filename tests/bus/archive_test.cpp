// Streams that a log has given to an archive.
#include "bus/archive.hpp"

#include "fixture.hpp"
#include "support/sqlite_file.hpp"

namespace bus {

namespace {

/// Three streams of three events each, one after the other, and an archive.
struct Archiving {
    Archiving() {
        for (int version = 1; version <= 3; ++version) {
            for (int stream = 1; stream <= 3; ++stream) {
                REQUIRE(append(*log_store, log, stream, version));
            }
        }
        std::filesystem::create_directory(archive_folder(folder / "log.db"));
        archive = open(folder, "archive/old.db", {log_schema()});
    }

    template <class Work>
    void write(database::Database& store, Work work) {
        auto all = [work](database::Transaction& transaction) -> base::Result<void> {
            work(transaction);
            return {};
        };
        REQUIRE(base::run(store.write<void>(base::Deadline(), 0, all)));
    }
    std::vector<LinkedEvent> linked(database::Database& store, std::int64_t stream) {
        using Events = std::vector<LinkedEvent>;
        auto read = [stream](database::ReadTransaction& transaction) -> base::Result<Events> {
            return read_linked_stream(transaction, stream);
        };
        auto events = base::run(store.read<Events>(base::Deadline(), read));
        REQUIRE(events);
        return *events;
    }
    void move(std::int64_t stream) {
        auto events = linked(*log_store, stream);
        write(*archive, [events](database::Transaction& store) {
            for (const auto& one : events) CHECK(put_linked(store, one));
        });
        write(*log_store, [stream](database::Transaction& store) {
            mark_archived(store, stream, "old");
            take_bodies(store, stream);
        });
    }
    ChainReport follow() {
        database::StoreReader store({"test", folder / "log.db", database::StoreKind::log});
        ArchivedBodies bodies(folder / "log.db");
        return follow_chain(store, {}, &bodies);
    }

    support::TemporaryFolder folder;
    support::FakeClock clock{support::FakeClock::Steady::by_hand};
    std::unique_ptr<database::Database> log_store = open(folder, "log.db", {log_schema()});
    Log log{*log_store, clock, "test"};
    std::unique_ptr<database::Database> archive;
};

}  // namespace

TEST_CASE("a log's chain proves what its archive has, and an archive proves each stream by itself",
          "[bus]") {
    Archiving at;
    auto before = at.linked(*at.log_store, 2);
    at.move(1);
    at.move(2);

    auto followed = at.follow();

    CHECK(followed.problems.empty());
    CHECK(followed.events == 9);
    auto after = at.linked(*at.archive, 2);
    REQUIRE(after.size() == 3);
    for (std::size_t i = 0; i < after.size(); ++i) {
        CHECK(after[i].event.body == R"({"n":1})");
        CHECK(after[i].event.hash == before[i].event.hash);
        CHECK(after[i].previous == before[i].previous);
    }
    // And what comes next goes on from there.
    REQUIRE(append(*at.log_store, at.log, 4, 1));
    CHECK(at.follow().problems.empty());
}

TEST_CASE("an archive that was changed, or is missing, is found by the log's chain", "[bus]") {
    Archiving at;
    at.move(2);
    at.archive.reset();
    auto file = at.folder / "archive/old.db";

    SECTION("changed") {
        support::change_database(file,
                                 "drop trigger events_are_not_changed;"
                                 " update events set body = '{\"n\":2}' where position = 5");
        auto problems = at.follow().problems;
        REQUIRE(problems.size() == 1);
        CHECK_THAT(problems[0], Catch::Contains("position 5 is not what was recorded"));
    }
    SECTION("an event is missing") {
        support::change_database(file,
                                 "drop trigger events_are_not_deleted;"
                                 " delete from events where position = 5");
        auto problems = at.follow().problems;
        REQUIRE(problems.size() == 1);
        CHECK_THAT(problems[0], Catch::Contains("archive old: the event at position 5 is missing"));
    }
    SECTION("missing, which is said once") {
        std::filesystem::remove(file);
        auto problems = at.follow().problems;
        REQUIRE(problems.size() == 1);
        CHECK_THAT(problems[0], Catch::Contains("archive old: "));
    }
}

TEST_CASE("of an event nothing changes but that its body is taken out, once it is archived",
          "[bus]") {
    Archiving at;
    at.move(2);
    auto refused = [&](std::string sql) {
        auto work = [sql](database::Transaction& store) -> base::Result<void> {
            store.execute(sql);
            return {};
        };
        try {
            return !base::run(at.log_store->write<void>(base::Deadline(), 0, work));
        } catch (const database::Failure&) {
            return true;
        }
    };
    CHECK(refused("update events set body = '' where stream = 1"));
    CHECK(refused("update events set actor = 8 where stream = 2"));
    CHECK(refused("update events set type = 'other.v1', body = '{}' where stream = 2"));
    CHECK(refused("delete from events where stream = 2"));
    CHECK_FALSE(refused("update events set body = '{}' where stream = 2"));
    CHECK(refused("update events set body = '[]' where stream = 2"));
}

TEST_CASE("what is brought back is what was recorded, and else nothing is", "[bus]") {
    Archiving at;
    at.move(2);
    auto events = at.linked(*at.archive, 2);
    auto bring = [&](std::vector<LinkedEvent> given) {
        auto work = [given](database::Transaction& store) -> base::Result<void> {
            if (!has_stream(store, 2, given)) {
                return base::Error{base::Reason::conflict, "of_another_history", ""};
            }
            bring_back(store, 2, given);
            return {};
        };
        return base::run(at.log_store->write<void>(base::Deadline(), 0, work)).has_value();
    };
    auto others = events;
    others[1].event.hash[0] ^= 1;
    CHECK_FALSE(bring(others));
    others = events;
    others.pop_back();
    CHECK_FALSE(bring(others));
    REQUIRE(bring(events));
    CHECK(chain_of(at.folder).problems.empty());
    CHECK(at.linked(*at.log_store, 2).size() == 3);
}

TEST_CASE("who hears a log hears nothing of archived streams, and its cursor passes them",
          "[bus]") {
    Archiving at;
    at.move(1);
    at.move(3);
    auto store = open(at.folder, "heard.db", {subscriber_schema(), heard_schema});
    Listener listener;
    StoreInbox inbox("test", *store, listener, at.clock);
    Config config;
    config.batch_events_max = 2;
    Stepped subscription(at.log, inbox, at.clock, config);
    subscription.settle();
    CHECK(heard(*store) == Positions{2, 5, 8});
    CHECK(subscription->backlog() == 0);
    CHECK(subscription->fits());
    // Also if the log still has what they say, as after a restore.
    at.write(*at.log_store, [](database::Transaction& log) { mark_archived(log, 2, "old"); });
    auto said = base::run(at.log.stream(2, base::Deadline()));
    REQUIRE(said);
    REQUIRE(said->size() == 3);
    for (const auto& event : *said) CHECK(is_archived(event));
}

}  // namespace bus
