#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <list>
#include <memory>
#include <mutex>

#include "base/task.hpp"
#include "base/timer.hpp"

namespace base {

/// A number that only grows (the position up to which some work is done) and a way to wait until
/// it has reached a value: the one kind of wake-up between modules. Thread-safe; to wait changes
/// nothing. Must outlive its waiters.
class Watermark {
public:
    std::int64_t value() const { return value_.load(std::memory_order_acquire); }

    /// Raises the number; waiters whose value is reached go on, on their own executors. Costs no
    /// lock while nobody waits for that much.
    void advance(std::int64_t value);

    /// True once the number is at least `value`; false when `span` of the machine's time passed
    /// before. Never refuses.
    Task<bool> reached(std::int64_t value, std::chrono::milliseconds span) const;
    /// The same by that clock, which must outlive the wait.
    Task<bool> reached(std::int64_t value, const Clock& clock,
                       std::chrono::milliseconds span) const;
    /// The same by the timer's clock until `moment`; also false when the timer is cancelled.
    Task<bool> reached(std::int64_t value, Timer& timer, Clock::Moment moment) const;

private:
    struct Waiter {
        std::int64_t value;
        std::shared_ptr<Wait> wait;
    };
    using Waiters = std::list<Waiter>;

    Task<bool> reached(std::int64_t value, std::shared_ptr<Wait> wait, const Clock& clock,
                       Clock::Moment moment) const;
    void note_least() const;

    static constexpr std::int64_t nobody = std::numeric_limits<std::int64_t>::max();
    std::atomic<std::int64_t> value_{0};
    mutable std::atomic<std::int64_t> least_{nobody};  ///< the smallest value that is waited for
    mutable std::mutex mutex_;
    mutable Waiters waiters_;
};

}  // namespace base
