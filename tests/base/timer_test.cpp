#include "base/timer.hpp"

#include "base/watermark.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"

namespace base {

namespace {

using namespace std::chrono_literals;
using support::FakeClock;

/// Runs what has been posted, and what follows from that without any wait.
void settle(Loop& loop) {
    loop.restart();
    loop.poll();
}

template <class T>
auto note(std::optional<T>& outcome) {
    return [&outcome](std::exception_ptr thrown, Result<T> result) {
        if (thrown) std::rethrow_exception(thrown);
        outcome = *result;
    };
}

auto note(bool& ended) {
    return [&ended](std::exception_ptr thrown, Result<void>) {
        if (thrown) std::rethrow_exception(thrown);
        ended = true;
    };
}

}  // namespace

TEST_CASE("a wait ends at its moment of a clock that is moved by hand, not before", "[base]") {
    FakeClock clock(FakeClock::Steady::by_hand);
    Loop loop;
    Timer timer(clock, loop.get_executor());
    bool ended = false;
    boost::asio::co_spawn(loop, timer.pause(1h), note(ended));
    settle(loop);

    clock.advance(59min);
    settle(loop);
    CHECK_FALSE(ended);
    clock.advance(1min);
    settle(loop);
    CHECK(ended);
}

TEST_CASE("a wait is cut short by cancel, and a later one is not", "[base]") {
    FakeClock clock(FakeClock::Steady::by_hand);
    Loop loop;
    Timer timer(clock, loop.get_executor());
    bool first = false;
    bool second = false;
    boost::asio::co_spawn(loop, timer.pause(1h), note(first));
    settle(loop);
    timer.cancel();
    settle(loop);
    CHECK(first);

    boost::asio::co_spawn(loop, timer.pause(1h), note(second));
    settle(loop);
    CHECK_FALSE(second);
    CHECK(clock.skip() == 1h);
    settle(loop);
    CHECK(second);
}

TEST_CASE("a wall clock that is set ends no wait", "[base]") {
    FakeClock clock(FakeClock::Steady::by_hand);
    Loop loop;
    Timer timer(clock, loop.get_executor());
    bool ended = false;
    boost::asio::co_spawn(loop, timer.pause(1s), note(ended));
    settle(loop);
    clock.set_by(24h * 3650);
    clock.set_by(-24h);
    settle(loop);
    CHECK_FALSE(ended);
}

TEST_CASE("who waits for a number goes on when it is reached, in time or cut short", "[base]") {
    FakeClock clock(FakeClock::Steady::by_hand);
    Loop loop;
    Timer timer(clock, loop.get_executor());
    Watermark mark;
    struct Case {
        std::int64_t advance_to;
        bool cancel;
        std::chrono::seconds pass;
        std::optional<bool> outcome;
    };
    const Case cases[] = {{6, false, 0s, std::nullopt},
                          {7, false, 0s, true},
                          {7, false, 10s, false},
                          {7, true, 0s, false}};
    for (std::int64_t base = 0; const auto& one : cases) {
        CAPTURE(base, one.advance_to, one.cancel, one.pass.count());
        std::optional<bool> outcome;
        auto wanted = base + (one.outcome == false ? 8 : 7);
        auto wait = mark.reached(wanted, timer, clock.steady() + 10s);
        boost::asio::co_spawn(loop, std::move(wait), note(outcome));
        settle(loop);
        mark.advance(base + one.advance_to);
        if (one.cancel) timer.cancel();
        if (one.pass > 0s) clock.advance(one.pass);
        settle(loop);
        CHECK(outcome == one.outcome);
        // Ends what is still waiting.
        mark.advance(base + 8);
        settle(loop);
        base += 8;
    }
}

TEST_CASE("a number raised by several threads wakes everybody who waits for it", "[base]") {
    Watermark mark;
    std::atomic<std::int64_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 3000; ++round) mark.advance(++next);
        });
    }
    for (std::int64_t wanted = 1; wanted <= 9000; wanted += 100) {
        CHECK(*run(mark.reached(wanted, 20s)));
    }
    for (auto& thread : threads) thread.join();
    CHECK(mark.value() == 9000);
}

}  // namespace base
