#include "support/feed_suite.hpp"

#include <optional>
#include <thread>

#include "support/catch.hpp"

namespace bus {

namespace {

using Positions = std::vector<std::int64_t>;

std::vector<Event> after(const Feed& feed, std::int64_t position, std::int64_t count) {
    auto events = base::run(feed.after(position, count, base::Deadline()));
    REQUIRE(events);
    return std::move(*events);
}

Positions positions_of(const std::vector<Event>& events) {
    Positions positions;
    for (const auto& event : events) positions.push_back(event.position);
    return positions;
}

/// Both questions, by what they are refused; nothing if they are answered.
std::vector<std::optional<base::Reason>> refusals(const Feed& feed, base::Deadline deadline) {
    std::vector<std::optional<base::Reason>> reasons;
    for (const auto& answer :
         {base::run(feed.after(0, 10, deadline)), base::run(feed.stream(1, deadline))}) {
        reasons.push_back(answer ? std::nullopt : std::optional(answer.error().reason));
    }
    return reasons;
}

using Reasons = std::vector<std::optional<base::Reason>>;

void check_refusals(const FeedStage& stage) {
    const auto& feed = stage.feed;
    auto head = feed.head().value();
    // Who has no time left is not answered, whatever there is.
    auto late = base::Deadline::in(-std::chrono::seconds(1));
    CHECK(refusals(feed, late) == Reasons(2, base::Reason::deadline));
    // Who is ahead of it is told that there is nothing.
    CHECK(after(feed, head + 1, 10).empty());
    CHECK(after(feed, head + 1000, 10).empty());
    if (!stage.refuse) return;

    auto before = stage.is_kept ? positions_of(after(feed, 0, 100)) : Positions();
    stage.refuse(true);
    CHECK(refusals(feed, base::Deadline()) == Reasons(2, base::Reason::unavailable));
    CHECK(feed.head().value() == head);
    stage.refuse(false);
    CHECK(refusals(feed, base::Deadline()) == Reasons(2, std::nullopt));
    if (stage.is_kept) CHECK(positions_of(after(feed, 0, 100)) == before);
}

}  // namespace

void check_feed(const FeedStage& stage) {
    const auto& feed = stage.feed;
    CHECK_FALSE(feed.source().empty());
    auto start = feed.head().value();
    CHECK(after(feed, start, 10).empty());

    // Positions grow, and the head is that of the newest.
    for (std::int64_t stream : {1, 2, 1, 3}) {
        auto before = feed.head().value();
        stage.add(stream);
        CHECK(feed.head().value() > before);
    }
    auto all = after(feed, start, 10);
    REQUIRE(all.size() == 4);
    auto positions = positions_of(all);
    CHECK(std::is_sorted(positions.begin(), positions.end()));
    CHECK(positions.front() > start);
    CHECK(positions.back() == feed.head().value());
    CHECK_FALSE(all.front().type.empty());

    // Any part, as often as it is asked for; no more than was asked for; nothing at the end.
    CHECK(positions_of(after(feed, start, 2)) ==
          Positions(positions.begin(), positions.begin() + 2));
    CHECK(positions_of(after(feed, positions[1], 10)) ==
          Positions(positions.begin() + 2, positions.end()));
    if (stage.is_kept) CHECK(positions_of(after(feed, start, 10)) == positions);
    CHECK(after(feed, positions.back(), 10).empty());

    if (stage.has_streams) {
        auto one = base::run(feed.stream(1, base::Deadline()));
        REQUIRE(one);
        CHECK(positions_of(*one) == Positions{positions[0], positions[2]});
        auto nothing = base::run(feed.stream(4711, base::Deadline()));
        REQUIRE(nothing);
        CHECK(nothing->empty());
    } else {
        auto nothing = base::run(feed.stream(1, base::Deadline()));
        REQUIRE(nothing);
        CHECK(nothing->empty());
    }

    // Who waits for the head is woken by what is added, on whatever thread that is.
    auto next = feed.head().value() + 1;
    std::thread publisher([&] { stage.add(4); });
    bool is_woken = *base::run(feed.head().reached(next, std::chrono::seconds(20)));
    publisher.join();  // which may check something: one thread at a time does
    CHECK(is_woken);
    auto last = after(feed, positions.back(), 10);
    REQUIRE(last.size() == 1);
    CHECK(last.front().position == feed.head().value());

    check_refusals(stage);
}

}  // namespace bus
