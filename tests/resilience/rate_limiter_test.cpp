#include "resilience/rate_limiter.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using resilience::RateLimiter;

namespace {

constexpr RateLimiter::Rates ten_a_minute{{{0, 1s}, {10, 60s}}};
const RateLimiter::Time start{1000h};

/// How many of `count` at once go through.
int allowed(RateLimiter& limiter, const std::string& key, int count, RateLimiter::Time now) {
    int through = 0;
    for (int i = 0; i < count; ++i) through += limiter.take(key, now).allowed ? 1 : 0;
    return through;
}

}  // namespace

TEST_CASE("a rate lets its count through at once, then one per interval") {
    RateLimiter limiter(ten_a_minute, 1000);
    CHECK(allowed(limiter, "ann", 15, start) == 10);
    CHECK(allowed(limiter, "ben", 15, start) == 10);
    CHECK(allowed(limiter, "ann", 5, start + 5999ms) == 0);
    CHECK(allowed(limiter, "ann", 5, start + 6s) == 1);
    CHECK(allowed(limiter, "ann", 5, start + 18s) == 2);
    CHECK(allowed(limiter, "ann", 50, start + 10min) == 10);
}

TEST_CASE("a verdict says what is left and how long to wait") {
    RateLimiter limiter(ten_a_minute, 1000);
    for (std::int64_t left = 9; left >= 0; --left) {
        auto verdict = limiter.take("ann", start);
        CHECK(verdict.allowed);
        CHECK(verdict.remaining == left);
        CHECK(verdict.rate.count == 10);
        CHECK(verdict.reset == 6s * (10 - left));
    }
    auto refused = limiter.take("ann", start + 1s);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.remaining == 0);
    CHECK(refused.wait == 5s);
    CHECK(refused.reset == 59s);
    // A refusal costs nothing.
    CHECK(limiter.take("ann", start + 6s).allowed);
}

TEST_CASE("of two rates both must have room") {
    RateLimiter limiter({{{2, 1s}, {5, 60s}}}, 1000);
    CHECK(allowed(limiter, "ann", 9, start) == 2);
    CHECK(allowed(limiter, "ann", 9, start + 1s) == 2);
    auto last = limiter.take("ann", start + 2s);
    CHECK(last.allowed);
    CHECK(last.rate.count == 5);
    auto refused = limiter.take("ann", start + 3s);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.wait == 9s);
}

TEST_CASE("without a rate nothing is limited or kept") {
    RateLimiter limiter({}, 1000);
    CHECK_FALSE(limiter.limits());
    CHECK(allowed(limiter, "ann", 1000, start) == 1000);
    CHECK(limiter.size() == 0);
}

TEST_CASE("a million clients are counted in the room of a few") {
    RateLimiter limiter(ten_a_minute, 1600);
    for (int i = 0; i < 1000000; ++i) limiter.take(std::to_string(i), start);
    CHECK(limiter.size() <= 1616);
    CHECK(limiter.size() >= 1000);
    // The latest are still known.
    CHECK(allowed(limiter, "999999", 20, start) == 9);
}

TEST_CASE("threads that ask for one client get its count between them") {
    RateLimiter limiter({{{0, 1s}, {100, 60s}}}, 1000);
    std::atomic<int> through{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { through += allowed(limiter, "ann", 100, start); });
    }
    for (auto& thread : threads) thread.join();
    CHECK(through == 100);
}
