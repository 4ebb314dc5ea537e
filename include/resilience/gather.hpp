#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "telemetry/log.hpp"

namespace resilience {

namespace detail {
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, base::Executor>;

/// What a fan-out and its branches share; the last of them frees it.
template <class T>
struct Gathering {
    Gathering(base::Executor executor, std::size_t count)
        : timer(executor),
          results(count, base::Result<T>(base::deadline_passed())),
          missing(count) {}
    Timer timer;
    std::vector<base::Result<T>> results;
    std::size_t missing;
};
}  // namespace detail

/// Runs all tasks concurrently on the caller's executor and returns their results in order, at the
/// latest at the deadline. A task that is late is reported as `deadline` and its result thrown away
/// when it comes; one that throws is logged and reported as `unavailable`. The tasks own what they
/// use: they may outlive the caller.
template <class T>
base::Task<std::vector<base::Result<T>>> gather(base::Deadline deadline,
                                                std::vector<base::Task<T>> tasks) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto shared = std::make_shared<detail::Gathering<T>>(executor, tasks.size());
    if (tasks.empty()) co_return std::move(shared->results);
    shared->timer.expires_at(deadline.at());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        auto finished = [shared, i](std::exception_ptr thrown, base::Result<T> result) {
            if (thrown) {
                try {
                    std::rethrow_exception(thrown);
                } catch (const std::exception& failure) {
                    telemetry::log(telemetry::Level::error, "resilience", "a branch broke",
                                   {{"error", failure.what()}});
                }
                result = base::Error{base::Reason::unavailable, "unavailable",
                                     "This part cannot answer now. Try again."};
            }
            shared->results[i] = std::move(result);
            if (--shared->missing == 0) shared->timer.cancel();
        };
        boost::asio::co_spawn(executor, std::move(tasks[i]), std::move(finished));
    }
    // A branch that never waits has finished by now, and its cancel() met no wait.
    if (shared->missing > 0) {
        boost::system::error_code cancelled;
        auto token = boost::asio::redirect_error(base::use_task, cancelled);
        co_await shared->timer.async_wait(token);
    }
    // One by one: those that are late still have a place to put theirs.
    std::vector<base::Result<T>> results;
    results.reserve(shared->results.size());
    for (auto& result : shared->results) results.push_back(std::move(result));
    co_return results;
}

}  // namespace resilience
