#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>

#include "base/task.hpp"

namespace support {

/// Never answers: ends when whoever waits for it gives up.
inline base::Task<void> hang() {
    auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      base::Executor>
        timer(executor, std::chrono::hours(1));
    boost::system::error_code ended;
    auto token = boost::asio::redirect_error(base::use_task, ended);
    co_await timer.async_wait(token);
    co_return base::Result<void>();
}

}  // namespace support
