// The queue of users as it is heard, and how what is heard comes to the table.
#include "queue_feed.hpp"

#include <numeric>

#include "queue_inbox.hpp"
#include "support/catch.hpp"
#include "support/fake_accounts.hpp"
#include "support/fake_clock.hpp"
#include "support/feed_suite.hpp"
#include "support/inbox_suite.hpp"
#include "support/occupied_store.hpp"
#include "support/temporary_folder.hpp"
#include "user_store.hpp"
#include "users/events.hpp"

namespace users {

namespace {

/// The store of users with the shares of its queue, and nobody who works.
struct Stage {
    explicit Stage(std::int64_t workers) {
        database::Options options;
        options.file = folder / "users.db";
        options.name = "users";
        options.migrations = schema();
        options.limits = support::one_at_a_time();
        database = std::move(*database::Database::open(std::move(options)));
        log = std::make_unique<bus::Log>(*database, clock, "users");
        store = std::make_unique<UserStore>(*database, *log, clock, 100, 1000);
        for (std::int64_t i = 0; i < workers; ++i) {
            feeds.push_back(std::make_unique<QueueFeed>(*store, i, workers));
        }
        store->on_queued([this, workers](UserId id, std::int64_t sequence) {
            feeds[static_cast<std::size_t>(id % workers)]->queued(sequence);
        });
    }
    ~Stage() { database.reset(); }

    /// A user's registration, or a change of one who is there.
    void queue(UserId id) {
        auto changed = base::run(store->change(id, "Changed", std::nullopt, {}));
        if (changed) return;
        Record record{id, "New", clock.now(), clock.now(), 1, false};
        REQUIRE(base::run(store->add(std::move(record), {})));
    }
    std::vector<UserId> share(std::size_t number) {
        std::vector<UserId> ids;
        auto rows = base::run(feeds[number]->after(0, 100, base::Deadline()));
        REQUIRE(rows);
        for (const auto& row : *rows) ids.push_back(row.stream);
        return ids;
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    std::unique_ptr<database::Database> database;
    std::unique_ptr<bus::Log> log;
    std::unique_ptr<UserStore> store;
    std::vector<std::unique_ptr<QueueFeed>> feeds;
};

}  // namespace

TEST_CASE("the queue of users is a feed", "[users]") {
    Stage stage(1);
    bus::check_feed({*stage.feeds[0], [&](std::int64_t stream) { stage.queue(stream); }, true, true,
                     support::Occupation(*stage.database)});
}

TEST_CASE("the table of users is an inbox of their queue, which knows itself what is left",
          "[users]") {
    Stage stage(1);
    support::FakeAccounts accounts;
    telemetry::Metrics metrics;
    QueueInbox inbox(*stage.store, accounts, 5, metrics.counter("retries", "Retries."));
    for (UserId id : {1, 2, 1, 1, 2, 3, 2}) stage.queue(id);
    const auto queued = *base::run(stage.feeds[0]->after(0, 100, base::Deadline()));
    auto applied = [&] {
        std::vector<std::int64_t> positions(queued.size());
        std::iota(positions.begin(), positions.end(), 1);
        for (const auto& left : *base::run(stage.feeds[0]->after(0, 100, base::Deadline()))) {
            std::erase(positions, left.position);
        }
        return positions;
    };
    auto break_on = [&](const std::set<std::int64_t>& streams) {
        std::string sql = "drop trigger if exists spoil";
        for (auto stream : streams) {
            sql += "; create trigger spoil before insert on users when new.id = " +
                   std::to_string(stream) + " begin select raise(abort, 'spoilt'); end";
        }
        auto work = [&](database::Transaction& transaction) -> base::Result<bool> {
            transaction.execute(sql);
            return true;
        };
        REQUIRE(base::run(stage.database->write<bool>(base::Deadline(), 0, work)));
    };
    bus::InboxStage stand{inbox, applied, break_on, support::Occupation(*stage.database)};
    stand.event = [&](std::int64_t position, std::int64_t stream) {
        auto event = queued.at(static_cast<std::size_t>(position - 1));
        REQUIRE(event.position == position);
        REQUIRE(event.stream == stream);
        return event;
    };
    stand.keeps_place = false;
    bus::check_inbox(stand);
}

TEST_CASE("each user's rows are in one share of the queue, in their order", "[users]") {
    Stage stage(2);
    for (UserId id : {1, 2, 1, 4, 3}) stage.queue(id);
    CHECK(stage.share(0) == std::vector<UserId>{2, 4});
    CHECK(stage.share(1) == std::vector<UserId>{1, 1, 3});
    CHECK(stage.feeds[0]->head().value() == 4);
    CHECK(stage.feeds[1]->head().value() == 5);
    // As an event it says no more than the log will.
    auto rows = base::run(stage.feeds[1]->stream(1, base::Deadline()));
    REQUIRE(rows->size() == 2);
    CHECK(rows->front().body == "{\"id\":1}");
    CHECK(std::holds_alternative<UserRegistered>(user_event(rows->front())));
    CHECK(std::holds_alternative<UserChanged>(user_event(rows->back())));
}

TEST_CASE("a row that is applied is in the queue no more, and in the log", "[users]") {
    Stage stage(1);
    for (UserId id : {1, 2}) stage.queue(id);
    auto rows = base::run(stage.feeds[0]->after(0, 1, base::Deadline()));
    std::vector<std::int64_t> first{rows->front().position};
    auto again = first;
    REQUIRE(base::run(stage.store->apply(std::move(first))));
    REQUIRE(base::run(stage.store->apply(std::move(again))));
    CHECK(stage.share(0) == std::vector<UserId>{2});
    CHECK(stage.log->head().value() == 1);
    CHECK(stage.store->queued() == 1);
}

TEST_CASE("after a restart the queue's head is where its rows are", "[users]") {
    Stage stage(1);
    for (UserId id : {1, 2}) stage.queue(id);
    QueueFeed opened(*stage.store, 0, 1);
    stage.store->on_queued([&](UserId, std::int64_t sequence) { opened.queued(sequence); });
    REQUIRE(base::run(stage.store->warm()));
    CHECK(opened.head().value() == 2);
}

}  // namespace users
