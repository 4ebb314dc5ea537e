#include "bus/live_inbox.hpp"
#include "fixture.hpp"
#include "support/fake_feed.hpp"
#include "support/fake_inbox.hpp"
#include "support/feed_suite.hpp"
#include "support/inbox_suite.hpp"
#include "support/occupied_store.hpp"

namespace bus {

TEST_CASE("a feed that is faked is a feed", "[bus]") {
    support::FakeFeed feed;
    check_feed({feed, [&](std::int64_t stream) { feed.add(stream); }, true, true,
                [&](bool refuses) { feed.refuse(refuses); }});
}

TEST_CASE("a table with a cursor is an inbox", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto target =
        open(folder, "heard.db", {subscriber_schema(), heard_schema}, support::one_at_a_time());
    Listener listener;
    StoreInbox inbox("listener", *target, listener, clock);
    check_inbox({inbox, [&] { return heard(*target); },
                 [&](std::set<std::int64_t> streams) { listener.failing = std::move(streams); },
                 support::Occupation(*target)});
    // It is all in the file.
    auto batch = std::make_shared<Batch>();
    batch->end = Cursor{9, {9}};
    REQUIRE(base::run(inbox.apply(batch)));
    StoreInbox opened("listener", *target, listener, clock);
    CHECK(base::run(opened.load())->cursor == batch->end);
}

TEST_CASE("memory is an inbox", "[bus]") {
    support::FakeFeed feed;
    LiveInbox inbox("live", feed, {});
    auto applied = [&] {
        Positions positions;
        for (const auto& event : inbox.after(0, 100).events) positions.push_back(event->position);
        return positions;
    };
    check_inbox({inbox, applied});
}

TEST_CASE("an inbox that is faked is an inbox", "[bus]") {
    support::FakeInbox inbox;
    auto applied = [&] {
        auto positions = inbox.heard();
        std::sort(positions.begin(), positions.end());
        return positions;
    };
    check_inbox({inbox, applied,
                 [&](std::set<std::int64_t> streams) { inbox.break_on(std::move(streams)); },
                 [&](bool refuses) { inbox.refuse(refuses); }});
}

TEST_CASE("a table that begins anew hears everything once more", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    auto target = open(folder, "heard.db", {subscriber_schema(), heard_schema});
    Listener listener;
    listener.failing = {2};
    StoreInbox inbox("listener", *target, listener, clock);
    support::FakeFeed feed;
    for (std::int64_t stream : {1, 2, 3}) feed.add(stream);
    {
        Stepped running(feed, inbox, clock);
        running.settle();
        CHECK(running->applied().value() == 3);
    }
    support::FakeFeed other;
    other.change_history();
    for (std::int64_t stream : {1, 2, 3, 4}) other.add(stream);
    other.change_history();
    listener.failing = {};
    Stepped running(other, inbox, clock);
    running.settle();
    CHECK(running->applied().value() == 4);
    CHECK(base::run(inbox.parked())->empty());
    CHECK(heard(*target) == Positions{1, 2, 3, 4});
}

}  // namespace bus
