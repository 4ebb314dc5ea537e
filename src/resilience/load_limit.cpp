#include "resilience/load_limit.hpp"

#include <algorithm>
#include <cmath>

namespace resilience {

using std::chrono::nanoseconds;

void describe(config::Section& section, LoadLimitConfig& config) {
    section.integer("limit_min", config.limit_min, {1, 1000000},
                    "So many requests may always be under way.");
    section.integer("limit_max", config.limit_max, {1, 1000000},
                    "More than this never; the limit begins here. Answers from the cache and what "
                    "another server answers do not count.");
    section.integer("reserve_percent", config.reserve_percent, {0, 1000},
                    "How far beyond the limit changes may go, and twice as far whatever authors, "
                    "editors and admins do: so that reading does not keep them out.");
    section.duration("queue_delay_ms", config.queue_delay, {1, 60000},
                     "Where requests wait longer than this for their turn, fewer are let in.");
    section.duration("window_ms", config.window, {10, 60000}, "How often the limit is adjusted.");
    if (config.limit_max < config.limit_min) {
        section.refuse("limit_max", "must not be less than limit_min.");
    }
}

nanoseconds QueueDelay::of(nanoseconds took, Time now, bool overloaded) {
    if (now >= turn_at_) {
        // During an overload the shortest has waited too: what was known before is nearer.
        if (!overloaded) {
            shortest_ = next_;
            next_ = nanoseconds::max();
        }
        turn_at_ = now + span;
    }
    next_ = std::min(next_, took);
    shortest_ = std::min(shortest_, took);
    return took - shortest_;
}

LoadLimit::LoadLimit(const LoadLimitConfig& config) : config_(config), limit_(config.limit_max) {
    delays_.reserve(samples_max);
}

bool LoadLimit::admits(Class of) const {
    auto limit = this->limit();
    auto reserve = static_cast<std::int64_t>(of) * config_.reserve_percent;
    return in_flight() < limit + limit * reserve / 100;
}

void LoadLimit::began() {
    auto now = in_flight_.fetch_add(1, std::memory_order_relaxed) + 1;
    auto peak = peak_.load(std::memory_order_relaxed);
    while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
}

void LoadLimit::ended(nanoseconds delay, Time now) {
    ended();
    std::lock_guard lock(mutex_);
    if (delays_.size() < samples_max) {
        delays_.push_back(delay);
    } else {
        delays_[count_ % samples_max] = delay;
    }
    ++count_;
    if (now >= window_ends_ && count_ >= samples_min) adjust(now);
}

void LoadLimit::adjust(Time now) {
    auto middle = delays_.begin() + std::ssize(delays_) / 2;
    std::nth_element(delays_.begin(), middle, delays_.end());
    auto delay = std::chrono::duration<double>(*middle) / config_.queue_delay;
    delays_.clear();
    count_ = 0;
    window_ends_ = now + config_.window;
    auto peak = peak_.exchange(in_flight(), std::memory_order_relaxed);
    overloaded_.store(delay > 1, std::memory_order_relaxed);

    // A limit that nobody has come near to says nothing about whether it is the right one.
    auto limit = this->limit();
    if (peak * 2 < limit) return;
    auto gradient = delay > 1 ? std::max(0.5, 1 / delay) : 1.0;
    auto now_may = static_cast<double>(limit);
    auto next = std::llround(now_may * gradient + std::sqrt(now_may));
    limit_.store(std::clamp<std::int64_t>(next, config_.limit_min, config_.limit_max),
                 std::memory_order_relaxed);
}

}  // namespace resilience
