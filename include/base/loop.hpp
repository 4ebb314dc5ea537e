#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <utility>

namespace base {

/// The one executor type of the project: typed, because `any_io_executor` costs an allocation and
/// a virtual call per hop, and because a later change would touch every signature.
using Executor = boost::asio::io_context::executor_type;

namespace detail {
/// A base of its own, so that it is there for what the io_context destroys with itself.
struct AwayCount {
    std::size_t away = 0;
    std::size_t listening = 0;  ///< of these: those who may wait for as long as nothing happens
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

    /// Works until all that is left waits for a time, a socket or a Watermark; what another thread
    /// has in its hands comes back first. For tests, which play the loop's thread.
    void settle();

    /// Held by whatever waits for another thread to resume it, from before that thread may know of
    /// it until it is back. Made and destroyed on the loop's own thread; it counts only while that
    /// is inside one of the calls above.
    class Away {
    public:
        /// `listens`: nobody works on it, it waits until something happens.
        explicit Away(const Executor& executor, bool listens = false)
            : count_(running_ && executor == running_->get_executor() ? running_ : nullptr),
              listens_(listens) {
            if (!count_) return;
            ++count_->away;
            if (listens_) ++count_->listening;
        }
        Away(Away&& other) noexcept
            : count_(std::exchange(other.count_, nullptr)), listens_(other.listens_) {}
        Away& operator=(Away&&) = delete;
        ~Away() {
            if (!count_) return;
            --count_->away;
            if (listens_) --count_->listening;
        }

    private:
        detail::AwayCount* count_;
        bool listens_;
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

}  // namespace base
