// A loop that a test plays by hand.
#include "base/loop.hpp"

#include <future>

#include "base/watermark.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/stepped_loop.hpp"

namespace base {

namespace {

using namespace std::chrono_literals;
using support::FakeClock;

/// Asks another thread, and waits for its answer; then for as much of `mark`.
Task<int> ask_and_listen(std::vector<std::thread>& threads, const Watermark& mark) {
    auto start = [&threads](Completion<int> completion) {
        threads.emplace_back([moved = std::move(completion)]() mutable { moved(7); });
    };
    auto answer = co_await suspend<int>(start);
    auto heard = co_await mark.reached(1, 1h);
    if (!heard) co_return heard.error();
    co_return answer;
}

Task<bool> wait_until(const Watermark& mark, const Clock& clock, std::chrono::milliseconds span) {
    co_return co_await mark.reached(1, clock, span);
}

}  // namespace

TEST_CASE("a loop settles when others have answered, and waits for nobody who may never speak",
          "[base]") {
    std::vector<std::thread> threads;
    Watermark mark;
    support::SteppedLoop loop;
    std::optional<Result<int>> outcome;
    loop.spawn(ask_and_listen(threads, mark), outcome);
    loop.settle();
    REQUIRE(threads.size() == 1);
    CHECK_FALSE(outcome);
    mark.advance(1);
    loop.settle();
    REQUIRE(outcome);
    CHECK(**outcome == 7);
    threads.front().join();
}

TEST_CASE("who waits for a number by a clock gives up by that clock", "[base]") {
    FakeClock clock(FakeClock::Steady::by_hand);
    Watermark mark;
    support::SteppedLoop loop;
    std::optional<Result<bool>> outcome;
    loop.spawn(wait_until(mark, clock, 10s), outcome);
    loop.settle();
    clock.advance(10s - 1ms);
    loop.settle();
    CHECK_FALSE(outcome);
    clock.advance(1ms);
    loop.settle();
    REQUIRE(outcome);
    CHECK_FALSE(**outcome);
}

}  // namespace base
