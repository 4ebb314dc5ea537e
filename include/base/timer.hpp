#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <memory>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace base {

/// One wait of one coroutine. ring() ends it, from any thread; so does its clock, at its moment.
class Wait final : public Clock::Alarm, public std::enable_shared_from_this<Wait> {
public:
    explicit Wait(Executor executor) : executor_(executor), timer_(executor) {}

    /// Until `moment` of the clock, or until it is rung. Once.
    Task<void> until(const Clock& clock, Clock::Moment moment);
    void ring() override;

private:
    Executor executor_;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer_;
};

/// Has a coroutine wait by a clock's steady time, which a test may move, in a way that others can
/// cut short. Belongs to one executor that one thread runs; cancel() is thread-safe. One wait at a
/// time. The clock must outlive it.
class Timer {
public:
    Timer(const Clock& clock, Executor executor);
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;

    /// Never refuses. Also ends early, by cancel(): whoever waits looks why.
    Task<void> until(Clock::Moment moment);
    Task<void> pause(std::chrono::milliseconds span) { return until(clock_.steady() + span); }
    /// Ends the wait that is under way when the executor comes to this; if there is none, nothing.
    void cancel();

    const Clock& clock() const { return clock_; }

private:
    friend class Watermark;
    /// A wait that has not begun, and that cancel() ends.
    std::shared_ptr<Wait> prepare();

    struct State {
        std::weak_ptr<Wait> current;
    };
    const Clock& clock_;
    Executor executor_;
    std::shared_ptr<State> state_;
};

}  // namespace base
