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

namespace detail {
/// A base of its own, so that it is there for what the io_context destroys with itself.
struct AwayCount {
    std::size_t away = 0;
};
}  // namespace detail

/// An io_context for one thread at a time that may be destroyed as soon as run() has returned,
/// though another thread has only just posted the last work. A plain one may not: it signals its
/// event after it has let go of its lock, and could be gone by then. With a timer it waits in its
/// reactor instead, which is woken under the lock.
///
/// It also knows how many of its coroutines another thread has yet to resume. Those must come back
/// before the loop goes, or they would be posted to a loop that is no more: drain() waits for them.
class Loop : private detail::AwayCount, public boost::asio::io_context {
public:
    Loop() : boost::asio::io_context(1), reactor_(get_executor()) {}

    /// As io_context's, for whoever is to be drained afterwards.
    std::size_t run() {
        Entered entered(*this);
        return boost::asio::io_context::run();
    }
    std::size_t run_one() {
        Entered entered(*this);
        return boost::asio::io_context::run_one();
    }
    std::size_t poll() {
        Entered entered(*this);
        return boost::asio::io_context::poll();
    }

    /// Works on until no other thread has anything of this loop in its hands. What is left after
    /// that waits for timers or sockets of this loop alone, and may be destroyed with it. Never
    /// throws: whoever leaves early has said already why.
    void drain() noexcept;

    /// Held by whatever waits for another thread to resume it, from before that thread may know of
    /// it until it is back. Made and destroyed on the loop's own thread; it counts only while that
    /// is inside one of the calls above.
    class Away {
    public:
        explicit Away(const Executor& executor)
            : count_(running_ && executor == running_->get_executor() ? running_ : nullptr) {
            if (count_) ++count_->away;
        }
        Away(Away&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
        Away& operator=(Away&&) = delete;
        ~Away() {
            if (count_) --count_->away;
        }

    private:
        detail::AwayCount* count_;
    };

private:
    /// Which loop this thread runs.
    class Entered {
    public:
        explicit Entered(Loop& loop) : before_(std::exchange(running_, &loop)) {}
        ~Entered() { running_ = before_; }
        Entered(const Entered&) = delete;

    private:
        Loop* before_;
    };

    inline static thread_local Loop* running_ = nullptr;

    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
        reactor_;
};

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

/// Tasks on a loop of their own, beside what their owner does on the same thread; a scope that is
/// left only when all of them have ended, also by an exception. For commands and jobs, never on an
/// I/O thread.
class TaskScope {
public:
    TaskScope() = default;
    TaskScope(const TaskScope&) = delete;
    ~TaskScope();

    /// Starts `task`; `done` is called with its result, within wait() or the destructor. What the
    /// task or `done` throws comes out of the next wait().
    template <class T, class Done>
    void spawn(Task<T> task, Done done) {
        auto finished = [this, moved = std::move(done)](std::exception_ptr thrown,
                                                        Result<T> result) mutable {
            --under_way_;
            try {
                if (thrown) std::rethrow_exception(thrown);
                moved(std::move(result));
            } catch (...) {
                if (!failure_) failure_ = std::current_exception();
            }
        };
        ++under_way_;
        boost::asio::co_spawn(loop_.get_executor(), std::move(task), std::move(finished));
    }

    /// Works until at most `most` tasks are under way.
    void wait(std::size_t most);

private:
    std::size_t under_way_ = 0;
    std::exception_ptr failure_;
    Loop loop_;
};

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
