#include "base/timer.hpp"

#include <boost/asio/redirect_error.hpp>

namespace base {

Task<void> Wait::until(const Clock& clock, Clock::Moment moment) {
    // A clock that is moved by hand rings by itself; the machine's is waited for here.
    bool rings = clock.set_alarm(moment, weak_from_this());
    timer_.expires_at(rings ? Clock::Moment::max() : moment);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(use_task, cancelled);
    co_await timer_.async_wait(token);
    co_return Result<void>();
}

void Wait::ring() {
    boost::asio::post(executor_, [self = shared_from_this()] { self->timer_.cancel(); });
}

Timer::Timer(const Clock& clock, Executor executor)
    : clock_(clock), executor_(executor), state_(std::make_shared<State>()) {}

std::shared_ptr<Wait> Timer::prepare() {
    auto wait = std::make_shared<Wait>(executor_);
    state_->current = wait;
    return wait;
}

Task<void> Timer::until(Clock::Moment moment) {
    auto wait = prepare();
    co_return co_await wait->until(clock_, moment);
}

void Timer::cancel() {
    boost::asio::post(executor_, [state = state_] {
        if (auto wait = state->current.lock()) wait->ring();
    });
}

}  // namespace base
