#include "base/watermark.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

namespace base {

namespace {
const SystemClock machine;
}  // namespace

void Watermark::advance(std::int64_t value) {
    auto before = value_.load();
    while (before < value && !value_.compare_exchange_weak(before, value)) {
    }
    // A waiter first says what it waits for and then looks at the number; this raises the number
    // and then looks who waits. In one order of all four, so one of the two sees the other.
    if (before >= value || least_.load() > value) return;
    // All under the lock, which a waiter takes once more before it goes on: until then its executor
    // is there, and after that nothing here holds on to it.
    std::lock_guard lock(mutex_);
    std::erase_if(waiters_, [value](const Waiter& waiter) {
        if (waiter.value > value) return false;
        waiter.wait->ring();
        return true;
    });
    note_least();
}

void Watermark::note_least() const {
    auto least = nobody;
    for (const auto& waiter : waiters_) least = std::min(least, waiter.value);
    least_.store(least);
}

Task<bool> Watermark::reached(std::int64_t value, std::chrono::milliseconds span) const {
    co_return co_await reached(value, machine, span);
}

Task<bool> Watermark::reached(std::int64_t value, const Clock& clock,
                              std::chrono::milliseconds span) const {
    if (this->value() >= value) co_return true;
    auto executor = co_await boost::asio::this_coro::executor;
    auto wait = std::make_shared<Wait>(executor);
    co_return co_await reached(value, std::move(wait), clock, clock.steady() + span);
}

Task<bool> Watermark::reached(std::int64_t value, Timer& timer, Clock::Moment moment) const {
    if (this->value() >= value) co_return true;
    auto wait = timer.prepare();
    co_return co_await reached(value, std::move(wait), timer.clock(), moment);
}

Task<bool> Watermark::reached(std::int64_t value, std::shared_ptr<Wait> wait, const Clock& clock,
                              Clock::Moment moment) const {
    auto executor = co_await boost::asio::this_coro::executor;
    // advance() posts to this loop, so it has to be there until the waiter is off the list.
    Loop::Away away(executor, true);
    {
        std::lock_guard lock(mutex_);
        waiters_.push_back({value, wait});
        note_least();
        if (value_.load() >= value) {
            waiters_.pop_back();
            note_least();
            co_return true;
        }
    }
    co_await wait->until(clock, moment);
    std::lock_guard lock(mutex_);
    std::erase_if(waiters_, [&](const Waiter& waiter) { return waiter.wait == wait; });
    note_least();
    co_return value_.load() >= value;
}

}  // namespace base
