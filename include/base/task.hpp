#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
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

#include "base/result.hpp"

namespace base {

/// The one executor type of the project: typed, because `any_io_executor` costs an allocation and
/// a virtual call per hop, and because a later change would touch every signature.
using Executor = boost::asio::io_context::executor_type;

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
        explicit WaiterOf(Handler h) : handler(std::move(h)) {}
        void resume(Result<T> result) override {
            auto executor = boost::asio::get_associated_executor(handler);
            boost::asio::post(executor,
                              [moved = std::move(handler), value = std::move(result)]() mutable {
                                  std::move(moved)(std::move(value));
                              });
        }
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

/// An io_context for one thread at a time that may be destroyed as soon as run() has returned,
/// though another thread has only just posted the last work. A plain one may not: it signals its
/// event after it has let go of its lock, and could be gone by then. With a timer it waits in its
/// reactor instead, which is woken under the lock.
class Loop : public boost::asio::io_context {
public:
    Loop() : boost::asio::io_context(1), reactor_(get_executor()) {}

private:
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
        reactor_;
};

/// Runs one task to its end on a private loop and blocks until then: for the command line
/// and for tests, never on an I/O thread. Exceptions of the task come out of it. What the task left
/// running is thrown away.
template <class T>
Result<T> run(Task<T> task) {
    Loop context;
    std::optional<Result<T>> outcome;
    std::exception_ptr failure;
    auto work = boost::asio::make_work_guard(context);
    boost::asio::co_spawn(context.get_executor(), std::move(task),
                          [&](std::exception_ptr thrown, Result<T> result) {
                              failure = thrown;
                              outcome = std::move(result);
                              context.stop();
                          });
    context.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*outcome);
}

}  // namespace base
