#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "config/section.hpp"

namespace resilience {

/// How many requests may be under way; describe() says what each means.
struct LoadLimitConfig {
    std::int64_t limit_min = 64;
    std::int64_t limit_max = 256;
    std::int64_t reserve_percent = 50;
    std::chrono::milliseconds queue_delay{25};
    std::chrono::milliseconds window{100};
};

void describe(config::Section& section, LoadLimitConfig& config);

/// How long one kind of work has waited for its turn: what it took, less the shortest that it took
/// of late. Belongs to one thread.
class QueueDelay {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// `overloaded`: there is a queue now, so that nothing of it can be what the work itself takes.
    std::chrono::nanoseconds of(std::chrono::nanoseconds took, Time now, bool overloaded);

private:
    static constexpr std::chrono::seconds span{15};

    std::chrono::nanoseconds shortest_ = std::chrono::nanoseconds::max();
    std::chrono::nanoseconds next_ = std::chrono::nanoseconds::max();  ///< since turn_at_ - span
    Time turn_at_{};
};

/// How many requests may be under way at a time, found out from how long they wait: while the
/// median of a window waits longer than `queue_delay`, there is more work than gets done, and what
/// comes beyond the limit is to be refused, as waiting would only make all of it late.
///
/// The gradient of Netflix's concurrency-limits (Gradient2Limit, after TCP Vegas), with a target
/// for the delay, as CoDel (RFC 8289) has one, in place of its long average, which drifts while
/// an overload lasts: limit × (target / delay, from a half to 1) + √limit, once a window, as long
/// as the limit is what holds requests back. Thread-safe; admits() is two loads.
class LoadLimit {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// What goes first when there is too much: what anybody reads, then their changes, then all
    /// that authors do. Each has room that those before it cannot take.
    enum class Class : std::uint8_t { read, change, author };
    static constexpr std::size_t classes = 3;

    explicit LoadLimit(const LoadLimitConfig& config);

    /// Whether one more may begin.
    bool admits(Class of) const;
    /// It begins; for each, ended() is called once.
    void began();
    /// It has ended. With how long it waited, if that is known of this one.
    void ended() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
    void ended(std::chrono::nanoseconds delay, Time now);

    std::int64_t limit() const { return limit_.load(std::memory_order_relaxed); }
    std::int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
    /// The last window had a queue.
    bool overloaded() const { return overloaded_.load(std::memory_order_relaxed); }

private:
    void adjust(Time now);

    static constexpr std::size_t samples_min = 10;
    static constexpr std::size_t samples_max = 512;

    const LoadLimitConfig config_;
    std::atomic<std::int64_t> limit_;
    std::atomic<std::int64_t> in_flight_{0};
    std::atomic<std::int64_t> peak_{0};  ///< of in_flight_, in this window
    std::atomic<bool> overloaded_{false};
    std::mutex mutex_;
    std::vector<std::chrono::nanoseconds> delays_;  ///< of this window; when full, of its end
    std::size_t count_ = 0;
    Time window_ends_{};
};

}  // namespace resilience
