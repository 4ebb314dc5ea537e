#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "base/task.hpp"

namespace base {

/// A number that only grows (the position up to which some work is done) and a way to wait until
/// it has reached a value. Thread-safe. Must outlive its waiters.
class Watermark {
public:
    std::int64_t value() const { return value_.load(std::memory_order_acquire); }

    /// Raises the number; waiters whose value is reached go on, on their own executors.
    void advance(std::int64_t value);

    /// True once the number is at least `value`; false when `span` passed before. Never refuses.
    Task<bool> reached(std::int64_t value, std::chrono::milliseconds span);

private:
    using Timer = boost::asio::basic_waitable_timer<
        std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
    struct Waiter {
        Waiter(Executor e, std::int64_t v) : executor(e), timer(e), value(v) {}
        Executor executor;
        Timer timer;
        std::int64_t value;
    };

    std::atomic<std::int64_t> value_{0};
    std::mutex mutex_;
    std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace base
