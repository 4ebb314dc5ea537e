#include "bus/live_inbox.hpp"
#include "bus/topic.hpp"

#include "fixture.hpp"
#include "support/fake_feed.hpp"

namespace bus {

namespace {

using namespace std::chrono_literals;

}  // namespace

TEST_CASE("who listens live hears from the head on, and is told what was missed", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    support::FakeFeed feed;
    for (int i = 1; i <= 3; ++i) feed.add(i);
    LiveInbox inbox("live", feed, {4, 1000});
    Stepped running(feed, inbox, clock);
    auto positions = [](const LiveInbox::Heard& heard) {
        Positions all;
        for (const auto& event : heard.events) all.push_back(event->position);
        return all;
    };
    CHECK(inbox.applied().value() == 3);
    CHECK(inbox.after(3, 10).events.empty());
    CHECK_FALSE(inbox.after(3, 10).missed);
    // Who was here before comes back too late.
    CHECK(inbox.after(2, 10).missed);

    for (int i = 4; i <= 6; ++i) feed.add(i);
    running.settle();
    CHECK(positions(inbox.after(3, 10)) == Positions{4, 5, 6});
    CHECK(positions(inbox.after(3, 2)) == Positions{4, 5});
    CHECK(positions(inbox.after(5, 10)) == Positions{6});

    for (int i = 7; i <= 8; ++i) feed.add(i);
    running.settle();
    CHECK(inbox.dropped() == 1);
    CHECK(inbox.after(3, 10).missed);
    CHECK(positions(inbox.after(3, 10)) == Positions{5, 6, 7, 8});
    CHECK_FALSE(inbox.after(4, 10).missed);

    // By bytes, too; but the newest is always there.
    feed.add(9, std::string(2000, 'x'));
    running.settle();
    CHECK(positions(inbox.after(8, 10)) == Positions{9});
    CHECK(inbox.after(7, 10).missed);
}

TEST_CASE("an ephemeral ring drops the oldest and counts it", "[bus]") {
    support::FakeClock clock(support::FakeClock::Steady::by_hand);
    Topic<int> topic;
    auto ring = topic.subscribe(3, clock);
    auto start = clock.steady();
    for (int i = 1; i <= 5; ++i) {
        topic.publish(i * 10);
        clock.advance(1s);
    }
    CHECK(ring->dropped() == 2);
    CHECK(ring->head().value() == 5);
    CHECK(ring->first_at() == start);
    auto taken = ring->take(2);
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].position == 3);
    CHECK(taken[0].event == 30);
    CHECK(taken[1].position == 4);
    CHECK(ring->first_at() == clock.steady());
    CHECK(ring->take(10).size() == 1);
    CHECK(ring->take(10).empty());
    clock.advance(1s);
    topic.publish(60);
    CHECK(ring->head().value() == 6);
    CHECK(ring->first_at() == clock.steady());
    CHECK(topic.published() == 6);
}

}  // namespace bus
