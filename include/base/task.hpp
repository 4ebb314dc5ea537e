#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/loop.hpp"
#include "base/result.hpp"

namespace base {

/// What every call across a module returns: it may wait, and it may be refused.
/// Await it only in the forms `auto x = co_await f(a);`, `co_await f(a);`,
/// `co_return co_await f(a);` (GCC 12 miscompiles others silently; a lint holds us to it).
template <class T>
using Task = boost::asio::awaitable<Result<T>, Executor>;

/// The completion token that goes with Task.
inline constexpr boost::asio::use_awaitable_t<Executor> use_task{};

/// The other half of a suspended coroutine. Call it once, from any thread: the coroutine goes on,
/// on its own executor, with that result. Dropped without a call, it resumes the coroutine with
/// `unavailable`, so nobody waits for ever on work that was thrown away.
template <class T>
class Completion {
public:
    template <class Handler>
    static Completion from(Handler handler) {
        Completion completion;
        completion.waiter_ = std::make_unique<WaiterOf<Handler>>(std::move(handler));
        return completion;
    }

    Completion() = default;
    Completion(Completion&&) noexcept = default;
    Completion& operator=(Completion&&) noexcept = default;
    ~Completion() {
        if (waiter_) {
            (*this)(Error{Reason::unavailable, "stopping", "The server is stopping. Try again."});
        }
    }

    void operator()(Result<T> result) {
        std::exchange(waiter_, nullptr)->resume(std::move(result));
    }

private:
    struct Waiter {
        virtual ~Waiter() = default;
        virtual void resume(Result<T> result) = 0;
    };

    template <class Handler>
    struct WaiterOf : Waiter {
        explicit WaiterOf(Handler h)
            : away(boost::asio::get_associated_executor(h)), handler(std::move(h)) {}
        void resume(Result<T> result) override {
            auto executor = boost::asio::get_associated_executor(handler);
            // `away` ends where the coroutine goes on: on the loop's own thread.
            boost::asio::post(executor, [back = std::move(away), moved = std::move(handler),
                                         value = std::move(result)]() mutable {
                std::move(moved)(std::move(value));
            });
        }
        Loop::Away away;
        Handler handler;
    };

    std::unique_ptr<Waiter> waiter_;
};

/// Suspends the calling coroutine and hands `start` the Completion that will resume it.
template <class T, class Start>
Task<T> suspend(Start start) {
    auto initiate = [moved = std::move(start)](auto handler) mutable {
        moved(Completion<T>::from(std::move(handler)));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>,
                                       void(Result<T>)>(std::move(initiate), use_task);
}

/// Runs one task to its end on a private loop and blocks until then: for the command line
/// and for tests, never on an I/O thread. Exceptions of the task come out of it. What the task left
/// running with another thread is waited for; timers that it left are thrown away.
template <class T>
Result<T> run(Task<T> task) {
    std::optional<Result<T>> outcome;
    std::exception_ptr failure;
    Loop loop;
    auto work = boost::asio::make_work_guard(loop);
    boost::asio::co_spawn(loop.get_executor(), std::move(task),
                          [&](std::exception_ptr thrown, Result<T> result) {
                              failure = thrown;
                              outcome = std::move(result);
                              loop.stop();
                          });
    loop.run();
    loop.drain();
    if (failure) std::rethrow_exception(failure);
    return std::move(*outcome);
}

}  // namespace base
