#include "queue_feed.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/feed_suite.hpp"
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
    bus::check_feed({*stage.feeds[0], [&](std::int64_t stream) { stage.queue(stream); }});
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
