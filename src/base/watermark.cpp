#include "base/watermark.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

namespace base {

void Watermark::advance(std::int64_t value) {
    std::list<std::shared_ptr<Waiter>> ready;
    {
        std::lock_guard lock(mutex_);
        if (value <= value_.load(std::memory_order_relaxed)) return;
        value_.store(value, std::memory_order_release);
        for (auto it = waiters_.begin(); it != waiters_.end();) {
            auto next = std::next(it);
            if ((*it)->value <= value) ready.splice(ready.end(), waiters_, it);
            it = next;
        }
    }
    for (auto& waiter : ready) {
        auto executor = waiter->executor;
        boost::asio::post(executor, [waiter = std::move(waiter)] { waiter->timer.cancel(); });
    }
}

Task<bool> Watermark::reached(std::int64_t value, std::chrono::milliseconds span) {
    if (value_.load(std::memory_order_acquire) >= value) co_return true;
    auto executor = co_await boost::asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter>(executor, value);
    waiter->timer.expires_after(span);
    std::list<std::shared_ptr<Waiter>>::iterator place;
    {
        std::lock_guard lock(mutex_);
        if (value_.load(std::memory_order_relaxed) >= value) co_return true;
        place = waiters_.insert(waiters_.end(), waiter);
    }
    // advance() posts to this loop, so it has to be there until the waiter is off the list.
    Loop::Away away(executor);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(use_task, cancelled);
    co_await waiter->timer.async_wait(token);
    std::lock_guard lock(mutex_);
    // advance() takes a waiter off the list exactly when its value is reached.
    if (value_.load(std::memory_order_relaxed) >= value) co_return true;
    waiters_.erase(place);
    co_return false;
}

}  // namespace base
