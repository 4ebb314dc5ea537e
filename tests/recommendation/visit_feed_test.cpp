#include "visit_feed.hpp"

#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/feed_suite.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using support::FakeClock;

/// A ring and its feed, with a clock that the test moves.
struct Stage {
    explicit Stage(std::size_t capacity = 100)
        : feed(visits.subscribe(capacity, clock), 50ms, clock, metrics, loop.get_executor()) {}

    void visit(std::int64_t id) { visits.publish({7, "sports", id, {"a"}, clock.now()}); }
    /// Asks for up to three after `position`; the answer comes when it comes.
    void ask(std::int64_t position) {
        answer.reset();
        auto keep = [this](std::exception_ptr thrown,
                           base::Result<std::vector<bus::Event>> events) {
            if (thrown) std::rethrow_exception(thrown);
            answer = *events;
        };
        boost::asio::co_spawn(loop, feed.after(position, 3, base::Deadline()), keep);
        settle();
    }
    void settle() {
        loop.restart();
        loop.poll();
    }
    void pass(std::chrono::milliseconds span) {
        clock.advance(span);
        settle();
    }
    std::vector<std::int64_t> ids() const {
        std::vector<std::int64_t> all;
        for (const auto& event : *answer) all.push_back(news::visit_event(event).id);
        return all;
    }

    FakeClock clock{FakeClock::Steady::by_hand};
    telemetry::Metrics metrics;
    base::Loop loop;
    bus::Topic<news::NewsViewed> visits;
    VisitFeed feed;
    std::optional<std::vector<bus::Event>> answer;
};

using Ids = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("the ring of visits is a feed", "[recommendation]") {
    Stage stage;
    stage.feed.hurry();
    bus::check_feed({stage.feed, [&](std::int64_t) { stage.visit(1); }, false, false});
}

TEST_CASE("visits are given when the first has waited its interval, not before",
          "[recommendation]") {
    Stage stage;
    stage.visit(1);
    stage.pass(20ms);
    stage.ask(0);
    stage.visit(2);
    stage.pass(29ms);
    CHECK_FALSE(stage.answer);
    stage.pass(1ms);
    REQUIRE(stage.answer);
    CHECK(stage.ids() == Ids{1, 2});
}

TEST_CASE("as many visits as are wanted at once wait for nobody", "[recommendation]") {
    Stage stage;
    stage.visit(1);
    stage.ask(0);
    stage.visit(2);
    stage.settle();
    CHECK_FALSE(stage.answer);
    stage.visit(3);
    stage.settle();
    REQUIRE(stage.answer);
    CHECK(stage.ids() == Ids{1, 2, 3});
    // What is not applied yet is given again, at once; then what came meanwhile.
    stage.visit(4);
    stage.ask(0);
    REQUIRE(stage.answer);
    CHECK(stage.ids() == Ids{1, 2, 3});
    CHECK(stage.feed.backlog(0) == 4);
    CHECK(stage.feed.backlog(3) == 1);
    stage.ask(3);
    stage.pass(50ms);
    CHECK(stage.ids() == Ids{4});
}

TEST_CASE("who is in a hurry gets what there is", "[recommendation]") {
    Stage stage;
    stage.visit(1);
    stage.ask(0);
    CHECK_FALSE(stage.answer);
    stage.feed.hurry();
    stage.settle();
    REQUIRE(stage.answer);
    CHECK(stage.ids() == Ids{1});
    stage.visit(2);
    stage.ask(1);
    REQUIRE(stage.answer);
    CHECK(stage.ids() == Ids{2});
}

TEST_CASE("what a full ring has dropped is not given", "[recommendation]") {
    Stage stage(2);
    for (int i = 1; i <= 5; ++i) stage.visit(i);
    stage.ask(0);
    stage.pass(50ms);
    CHECK(stage.ids() == Ids{4, 5});
    CHECK(stage.answer->back().position == stage.feed.head().value());
    CHECK_THAT(stage.metrics.text(),
               Catch::Contains("portal_recommendation_visits_dropped_total{why=\"full\"} 3"));
}

TEST_CASE("a visit comes out of its event as it was", "[recommendation]") {
    support::FakeClock clock;
    news::NewsViewed visit{7, "sports", 42, {"a\"b", "ü"}, clock.now() + 1us};
    auto event = news::to_event(visit);
    CHECK(event.type == "news_viewed.v1");
    auto back = news::visit_event(event);
    CHECK(back.user_id == 7);
    CHECK(back.news_type == "sports");
    CHECK(back.id == 42);
    CHECK(back.tags == visit.tags);
    CHECK(back.at == visit.at);
    event.body = "{}";
    CHECK_THROWS_AS(news::visit_event(event), std::runtime_error);
}

}  // namespace recommendation
