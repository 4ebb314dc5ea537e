#include "resilience/load_limit.hpp"

#include <algorithm>
#include <optional>
#include <queue>
#include <random>

#include "config/reader.hpp"
#include "support/catch.hpp"

using namespace std::chrono_literals;
using resilience::LoadLimit;
using resilience::LoadLimitConfig;
using resilience::QueueDelay;
using Time = LoadLimit::Time;
using std::chrono::duration;
using std::chrono::nanoseconds;

namespace {

/// Two servers with one queue before them, which get 2,000 requests a second done, asked at random
/// times. What is answered within a second is good.
class Shop {
public:
    static constexpr double capacity = 2000;
    static constexpr auto patience = 1s;

    explicit Shop(const LoadLimitConfig& config, std::uint32_t seed)
        : limit(config), random_(seed) {}

    struct Seen {
        std::int64_t asked = 0;
        std::int64_t good = 0;
        std::int64_t shed = 0;
        std::optional<Time> last_shed{};
        std::vector<nanoseconds> took{};

        nanoseconds quantile(double share) {
            auto at = took.begin() + static_cast<std::ptrdiff_t>(share * double(took.size() - 1));
            std::nth_element(took.begin(), at, took.end());
            return *at;
        }
    };

    /// `load`: how many times what can be done comes.
    Seen go_on(double load, nanoseconds span) {
        seen_ = {};
        auto until = now_ + span;
        std::exponential_distribution<double> gap(capacity * load);
        for (;;) {
            now_ += nanoseconds(std::llround(gap(random_) * 1e9));
            finish(std::min(now_, until));
            if (now_ >= until) break;
            arrive();
        }
        now_ = until;
        return std::move(seen_);
    }
    Time now() const { return now_; }

    LoadLimit limit;

private:
    struct Work {
        Time done;
        Time began;
        bool operator<(const Work& other) const { return done > other.done; }
    };

    void arrive() {
        ++seen_.asked;
        if (!limit.admits(LoadLimit::Class::read)) {
            ++seen_.shed;
            seen_.last_shed = now_;
            return;
        }
        limit.began();
        auto& server = *std::min_element(free_at_.begin(), free_at_.end());
        // One in five takes five times as long as the others.
        bool is_long = std::uniform_int_distribution<int>(0, 4)(random_) == 0;
        server = std::max(server, now_) + (is_long ? 2777us : 555us);
        under_way_.push({server, now_});
    }
    void finish(Time until) {
        while (!under_way_.empty() && under_way_.top().done <= until) {
            auto work = under_way_.top();
            under_way_.pop();
            auto took = work.done - work.began;
            seen_.took.push_back(took);
            if (took <= patience) ++seen_.good;
            limit.ended(delay_.of(took, work.done, limit.overloaded()), work.done);
        }
    }

    std::mt19937 random_;
    Time now_{1h};
    std::array<Time, 2> free_at_{};
    std::priority_queue<Work> under_way_;
    QueueDelay delay_;
    Seen seen_;
};

LoadLimitConfig small() {
    LoadLimitConfig config;
    config.limit_min = 8;
    return config;
}

}  // namespace

TEST_CASE("under too much load as much is answered as ever, and in time", "[resilience]") {
    for (double load : {2.0, 5.0}) {
        for (std::uint32_t seed : {1u, 2u}) {
            CAPTURE(load, seed);
            Shop shop(small(), seed);
            auto before = shop.go_on(0.8, 10s);
            CHECK(before.shed == 0);
            auto during = shop.go_on(load, 60s);
            CHECK(double(during.good) >= 0.9 * Shop::capacity * 60);
            CHECK(during.quantile(0.99) < 250ms);
            CHECK(during.quantile(0.5) < 60ms);
            auto ended = shop.now();
            auto after = shop.go_on(0.8, 10s);
            CHECK((!after.last_shed || *after.last_shed - ended <= 5s));
            auto later = shop.go_on(0.8, 10s);
            CHECK(later.shed == 0);
            CHECK(later.quantile(0.99) < before.quantile(0.99) * 2);
        }
    }
}

TEST_CASE("without a limit the same load leaves next to nothing in time", "[resilience]") {
    auto config = small();
    config.limit_min = config.limit_max = 1000000;
    Shop shop(config, 1);
    auto during = shop.go_on(2.0, 30s);
    CHECK(during.shed == 0);
    CHECK(double(during.good) < 0.1 * Shop::capacity * 30);
}

TEST_CASE("work that is slow by itself is no queue", "[resilience]") {
    LoadLimit limit(small());
    QueueDelay delay;
    Time now{1h};
    for (int i = 0; i < 4000; ++i) {
        for (int k = 0; k < 200; ++k) limit.began();
        now += 10ms;
        for (int k = 0; k < 200; ++k) {
            limit.ended(delay.of(500ms + std::chrono::microseconds(k), now, limit.overloaded()),
                        now);
        }
    }
    CHECK(limit.limit() == LoadLimitConfig().limit_max);
    CHECK(limit.in_flight() == 0);
    // Work that has become slower for good is known as such after a while.
    auto waited = delay.of(800ms, now, false);
    CHECK(waited == 300ms);
    delay.of(800ms, now + 16s, false);
    CHECK(delay.of(800ms, now + 32s, false) == 0ms);
    CHECK(delay.of(900ms, now + 64s, true) == 100ms);
}

TEST_CASE("a limit that nobody comes near to stays", "[resilience]") {
    LoadLimit limit(small());
    Time now{1h};
    for (int i = 0; i < 1000; ++i) {
        limit.began();
        limit.ended(2s, now += 10ms);
    }
    CHECK(limit.overloaded());
    CHECK(limit.limit() == LoadLimitConfig().limit_max);
}

TEST_CASE("reading leaves room for changes, and both for authors", "[resilience]") {
    LoadLimitConfig config;
    config.limit_min = config.limit_max = 10;
    config.reserve_percent = 50;
    LoadLimit limit(config);
    auto begin_all = [&](LoadLimit::Class of) {
        int begun = 0;
        for (; limit.admits(of); ++begun) limit.began();
        return begun;
    };
    CHECK(begin_all(LoadLimit::Class::read) == 10);
    CHECK(begin_all(LoadLimit::Class::change) == 5);
    CHECK(begin_all(LoadLimit::Class::author) == 5);
    limit.ended();
    CHECK_FALSE(limit.admits(LoadLimit::Class::read));
    CHECK_FALSE(limit.admits(LoadLimit::Class::change));
    CHECK(limit.admits(LoadLimit::Class::author));
}

TEST_CASE("the limit's settings are held to their ranges", "[resilience]") {
    LoadLimitConfig config;
    auto describe = [&](config::Section& section) {
        resilience::describe(section.section("load", ""), config);
    };
    config::Sources sources;
    sources.overrides = {"load.limit_min=8", "load.queue_delay_ms=5"};
    CHECK(config::read(sources, describe).empty());
    CHECK(config.queue_delay == 5ms);
    sources.overrides = {"load.limit_min=2000", "load.window_ms=1"};
    CHECK(config::read(sources, describe).size() == 2);
}
