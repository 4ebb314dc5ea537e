#include "bus/subscription.hpp"

#include <future>

#include "fixture.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_inbox.hpp"

namespace bus {

namespace {

using namespace std::chrono_literals;

Config batches_of(std::int64_t events) {
    Config config;
    config.batch_events_max = events;
    return config;
}

/// Has three events, and gives the first two whatever it is asked, as rows out of order may be.
class RepeatingFeed final : public Feed {
public:
    RepeatingFeed() { head_.advance(3); }
    int asked() const { return asked_; }

    const std::string& source() const override { return source_; }
    const base::Watermark& head() const override { return head_; }
    base::Task<std::vector<Event>> after(std::int64_t, std::int64_t,
                                         base::Deadline) const override {
        ++asked_;
        std::vector<Event> events(2);
        for (std::size_t i = 0; i < 2; ++i) {
            events[i].position = static_cast<std::int64_t>(i) + 1;
            events[i].stream = 1;
            events[i].body = "{}";
        }
        co_return events;
    }
    base::Task<std::vector<Event>> stream(std::int64_t, base::Deadline) const override {
        co_return std::vector<Event>();
    }

private:
    const std::string source_ = "repeating";
    base::Watermark head_;
    mutable int asked_ = 0;
};

/// Asks from another thread, as an operator does, while the subscription goes on.
template <class Question>
base::Result<void> asked(Stepped& running, Question question) {
    auto answer = std::async(std::launch::async, [&] { return base::run(question()); });
    while (answer.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
        running.settle();
    }
    return answer.get();
}

}  // namespace

TEST_CASE("a subscriber hears everything once, in order, across restarts", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    auto source = open(folder, "log.db", {log_schema()});
    auto target = open(folder, "heard.db", {subscriber_schema(), heard_schema});
    Log log(*source, clock, "test");
    Listener listener;
    for (int i = 1; i <= 5; ++i) REQUIRE(append(*source, log, 1, i));
    {
        StoreInbox inbox("listener", *target, listener, clock);
        Stepped running(log, inbox, clock, batches_of(3));
        running.settle();
        CHECK(running->applied().value() == 5);
        REQUIRE(append(*source, log, 1, 6));
        running.settle();
        CHECK(running->applied().value() == 6);
    }
    REQUIRE(append(*source, log, 1, 7));
    StoreInbox inbox("listener", *target, listener, clock);
    Stepped running(log, inbox, clock, batches_of(3));
    running.settle();
    CHECK(running->applied().value() == 7);
    CHECK(heard(*target) == Positions{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a stream that keeps failing is parked, holds back nobody, and is tried again at start",
          "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    auto source = open(folder, "log.db", {log_schema()});
    auto target = open(folder, "heard.db", {subscriber_schema(), heard_schema});
    Log log(*source, clock, "test");
    Listener listener;
    listener.failing = {2};
    for (int version = 1; version <= 2; ++version) {
        for (int stream = 1; stream <= 3; ++stream) REQUIRE(append(*source, log, stream, version));
    }
    {
        StoreInbox inbox("listener", *target, listener, clock);
        Stepped running(log, inbox, clock, batches_of(3));
        running.settle();
        CHECK(running->applied().value() == 6);
        CHECK(running->parked() == 1);
        CHECK(heard(*target) == Positions{1, 3, 4, 6});
    }
    listener.failing = {};
    StoreInbox inbox("listener", *target, listener, clock);
    Stepped running(log, inbox, clock, batches_of(3));
    REQUIRE(append(*source, log, 3, 3));
    running.settle();
    CHECK(running->applied().value() == 7);
    CHECK(running->parked() == 0);
    CHECK(heard(*target) == Positions{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("a parked stream is tried again after waits that double, and then left alone", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.break_on({2});
    Config config;
    config.retry_wait_ms = 100ms;
    config.attempts_max = 3;
    config.poll_interval_ms = 1h;
    Stepped running(feed, inbox, clock, config);
    for (std::int64_t stream : {1, 2, 3, 2}) feed.add(stream);
    running.settle();
    CHECK(inbox.heard() == Positions{1, 3});
    CHECK(inbox.cursor().position == 4);
    CHECK(inbox.aside().at(2).attempts == 1);

    running.pass(99ms);
    CHECK(inbox.aside().at(2).attempts == 1);
    running.pass(1ms);
    CHECK(inbox.aside().at(2).attempts == 2);
    running.pass(199ms);
    CHECK(inbox.aside().at(2).attempts == 2);
    running.pass(1ms);
    CHECK(inbox.aside().at(2).attempts == 3);
    running.pass(24h);
    CHECK(inbox.aside().at(2).attempts == 3);
    CHECK(running->parked() == 1);

    // Nobody else has noticed.
    feed.add(1);
    feed.add(2);
    running.settle();
    CHECK(inbox.heard() == Positions{1, 3, 5});
    CHECK(running->backlog() == 0);
}

TEST_CASE("an operator has a parked stream tried again, or gives up what it has missed", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.break_on({2, 3});
    Config config;
    config.attempts_max = 1;
    config.poll_interval_ms = 1h;
    Stepped running(feed, inbox, clock, config);
    for (std::int64_t stream : {1, 2, 3, 2}) feed.add(stream);
    running.settle();
    REQUIRE(running->parked() == 2);
    auto parked = *base::run(running->parked_streams());
    REQUIRE(parked.size() == 2);
    CHECK(parked[0].stream == 2);
    CHECK(parked[0].position == 2);
    CHECK(parked[0].error == "cannot take this one");

    auto still = asked(running, [&] { return running->retry(2); });
    CHECK(still.error().code == "still_broken");
    CHECK(still.error().message.find("cannot take this one") != std::string::npos);
    inbox.break_on({3});
    CHECK(asked(running, [&] { return running->retry(2); }));
    CHECK(inbox.heard() == Positions{1, 2, 4});
    CHECK(asked(running, [&] { return running->retry(2); }).error().code == "not_parked");

    CHECK(asked(running, [&] { return running->drop(3); }));
    CHECK(running->parked() == 0);
    CHECK(inbox.aside().empty());
    CHECK(inbox.heard() == Positions{1, 2, 4});
    inbox.break_on({});
    feed.add(3);
    running.settle();
    CHECK(inbox.heard() == Positions{1, 2, 4, 5});

    running->stop();
    running.settle();
    CHECK(asked(running, [&] { return running->retry(2); }).error().code == "not_running");
}

TEST_CASE("what a store's inbox has parked is taken back without what it has missed", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    auto source = open(folder, "log.db", {log_schema()});
    auto target = open(folder, "heard.db", {subscriber_schema(), heard_schema});
    Log log(*source, clock, "test");
    Listener listener;
    listener.failing = {2};
    for (int stream = 1; stream <= 2; ++stream) REQUIRE(append(*source, log, stream, 1));
    StoreInbox inbox("listener", *target, listener, clock);
    Stepped running(log, inbox, clock, batches_of(3));
    running.settle();
    CHECK(running->parked() == 1);
    CHECK(asked(running, [&] { return running->drop(2); }));
    listener.failing = {};
    REQUIRE(append(*source, log, 2, 2));
    running.settle();
    CHECK(heard(*target) == Positions{1, 3});
    CHECK(base::run(inbox.parked())->empty());
}

TEST_CASE("a stream that recovers has missed nothing, and its later events come after", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.break_on({2});
    Stepped running(feed, inbox, clock);
    for (std::int64_t stream : {2, 1, 2}) feed.add(stream);
    running.settle();
    CHECK(inbox.heard() == Positions{2});
    inbox.break_on({});
    running.pass(20ms);
    CHECK(inbox.heard() == Positions{2, 1, 3});
    CHECK(inbox.aside().empty());
    CHECK(running->parked() == 0);
    feed.add(2);
    running.settle();
    CHECK(inbox.heard() == Positions{2, 1, 3, 4});
}

TEST_CASE("a stream that can only not be applied yet is tried for as long as it takes", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.defer({2});
    Config config;
    config.attempts_max = 2;
    Stepped running(feed, inbox, clock, config);
    for (std::int64_t stream : {2, 1, 2}) feed.add(stream);
    running.settle();
    CHECK(inbox.heard() == Positions{2});
    for (int i = 0; i < 10; ++i) running.pass(5s);
    CHECK(inbox.heard() == Positions{2});
    inbox.defer({});
    running.pass(5s);
    CHECK(inbox.heard() == Positions{2, 1, 3});
}

TEST_CASE("an inbox that refuses is asked again, parks nothing, and keeps the order", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    Stepped running(feed, inbox, clock);
    inbox.refuse(true);
    for (std::int64_t stream : {1, 2, 3}) feed.add(stream);
    running.settle();
    for (int i = 0; i < 5; ++i) running.pass(5s);
    CHECK(inbox.heard().empty());
    CHECK(running->backlog() == 3);
    inbox.refuse(false);
    running.pass(5s);
    CHECK(inbox.heard() == Positions{1, 2, 3});
    CHECK(inbox.aside().empty());
    CHECK(running->backlog() == 0);
}

TEST_CASE("a feed that refuses is asked again", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    Stepped running(feed, inbox, clock);
    feed.refuse(true);
    feed.add(1);
    running.settle();
    CHECK(inbox.heard().empty());
    feed.refuse(false);
    running.pass(20ms);
    CHECK(inbox.heard() == Positions{1});
}

TEST_CASE("a feed that gives again what was passed is damaged, and not followed for ever",
          "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    RepeatingFeed feed;
    support::FakeInbox inbox;
    Stepped running(feed, inbox, clock);
    running.settle();
    CHECK(inbox.heard() == Positions{1, 2});
    CHECK(inbox.cursor().position == 2);
    // It is asked again now and then: the store may be mended.
    auto asked = feed.asked();
    running.pass(5s);
    CHECK(feed.asked() == asked + 1);
    CHECK(inbox.batches() == 1);
}

TEST_CASE("what came together is applied together, in batches that are bounded", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    for (int i = 1; i <= 10; ++i) feed.add(i);
    Stepped running(feed, inbox, clock, batches_of(4));
    running.settle();
    CHECK(inbox.heard().size() == 10);
    CHECK(inbox.batches() == 3);
}

TEST_CASE("a stopped subscription ends at once, or when it has heard what there is", "[bus]") {
    using Stop = Subscription::Stop;
    for (auto how : {Stop::after_batch, Stop::when_heard}) {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock, batches_of(1));
        running.settle();
        for (std::int64_t stream : {1, 2, 3}) feed.add(stream);
        running->stop(how);
        feed.add(4);
        running.settle();
        CHECK(running.ended());
        CHECK(inbox.heard().size() == (how == Stop::when_heard ? 3U : 0U));
    }
}

TEST_CASE("a subscription that hears out what there is does not wait for an inbox that refuses",
          "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    support::FakeInbox inbox;
    inbox.refuse(true);
    Stepped running(feed, inbox, clock);
    feed.add(1);
    running.settle();
    running->stop(Subscription::Stop::when_heard);
    running.settle();
    CHECK(running.ended());
}

TEST_CASE("a feed that cannot be read says nothing against a cursor", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    for (int i = 1; i <= 3; ++i) feed.add_unannounced(1);
    auto cursor = cursor_at(base::run(feed.after(1, 1, base::Deadline()))->front());
    support::FakeInbox inbox(cursor);
    feed.refuse(true);
    Stepped running(feed, inbox, clock);
    CHECK(running->fits());
    CHECK(running->applied().value() == 2);
    running.pass(10s);
    CHECK(running->fits());
    CHECK(inbox.times_begun_anew() == 0);

    feed.refuse(false);
    running.pass(10s);
    CHECK(inbox.heard() == Positions{3});
}

TEST_CASE("an inbox that is lost begins anew, at the start and while it hears", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    feed.add(1);
    support::FakeInbox inbox;
    bool at_start = GENERATE(true, false);
    if (at_start) inbox.lose();
    Stepped running(feed, inbox, clock);
    CHECK(running->fits() != at_start);
    running.settle();
    CHECK(inbox.heard() == Positions{1});
    CHECK(inbox.times_begun_anew() == (at_start ? 1 : 0));

    feed.add(2);
    inbox.lose();
    inbox.refuse(true);
    running.settle();
    CHECK_FALSE(running->fits());
    inbox.refuse(false);
    running.pass(10s);
    CHECK(running->fits());
    CHECK(inbox.heard() == Positions{1, 2});
    CHECK(inbox.times_begun_anew() == (at_start ? 2 : 1));
}

TEST_CASE("a cursor that is none of the log's history is found, and all begins anew", "[bus]") {
    SECTION("at the start, when it is beyond the log") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        Cursor beyond{5, {}};
        beyond.hash[0] = 1;
        support::FakeInbox inbox(beyond);
        Stepped running(feed, inbox, clock);
        CHECK_FALSE(running->fits());
        CHECK(running->loaded() == beyond);
        CHECK(running->applied().value() == 0);
        running.settle();
        CHECK(running->fits());
        CHECK(inbox.heard() == Positions{1});
        CHECK(inbox.cursor().position == 1);
    }
    SECTION("at the start, when the log has another event there") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        for (int i = 1; i <= 3; ++i) feed.add(1);
        auto cursor = cursor_at(base::run(feed.after(1, 1, base::Deadline()))->front());
        feed.change_history();
        support::FakeInbox inbox(cursor);
        Stepped running(feed, inbox, clock);
        CHECK_FALSE(running->fits());
        running.settle();
        CHECK(running->fits());
        CHECK(inbox.heard() == Positions{1, 2, 3});
    }
    SECTION("but not where the head only lags behind what can be read") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        feed.add_unannounced(2);
        feed.add_unannounced(3);
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(inbox.heard() == Positions{1, 2, 3});
        feed.add_unannounced(4);
        running.pass(bus::Config().poll_interval_ms);
        CHECK(inbox.heard() == Positions{1, 2, 3, 4});
        feed.add(5);
        running.settle();
        CHECK(inbox.heard() == Positions{1, 2, 3, 4, 5});
        CHECK(inbox.times_begun_anew() == 0);
    }
    SECTION("while it reads on, also when the log ends before it") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        feed.add_unannounced(1);
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(inbox.heard() == Positions{1, 2});
        feed.change_history();
        running.pass(bus::Config().poll_interval_ms);
        CHECK(inbox.heard() == Positions{1, 2});
        CHECK(inbox.times_begun_anew() == 1);
    }
    SECTION("while it reads on") {
        support::FakeClock clock(support::FakeClock::Steady::by_hand);
        support::FakeFeed feed;
        feed.add(1);
        support::FakeInbox inbox;
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(inbox.heard() == Positions{1});
        feed.change_history();
        feed.add(1);
        running.settle();
        CHECK(running->fits());
        CHECK(inbox.heard() == Positions{1, 2});
        CHECK(inbox.cursor() == cursor_at(base::run(feed.after(1, 1, base::Deadline()))->front()));
    }
}

TEST_CASE("a cursor from before there were hashes is taken as it is, and gets one", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    feed.add(1);
    feed.add(1);
    support::FakeInbox inbox(Cursor{1, {}});
    Stepped running(feed, inbox, clock);
    CHECK(running->fits());
    running.settle();
    CHECK(inbox.heard() == Positions{2});
    CHECK(inbox.cursor().has_hash());
}

}  // namespace bus
