#include "host/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <chrono>

#include "base/watermark.hpp"
#include "telemetry/log.hpp"

namespace host {

struct TaskGroup::State {
    std::atomic<std::int64_t> started{0};
    std::atomic<std::int64_t> count_ended{0};
    base::Watermark ended;
};

namespace {

void report(const std::string& module, const std::string& lost, const std::exception_ptr& thrown,
            const base::Result<void>& result) {
    std::string error;
    try {
        if (thrown) std::rethrow_exception(thrown);
        if (!result) error = result.error().message;
    } catch (const std::exception& failure) {
        error = failure.what();
    }
    if (error.empty()) return;
    telemetry::log(telemetry::Level::critical, module, lost, {{"error", error}});
}

}  // namespace

TaskGroup::TaskGroup(std::string module, base::Executor executor)
    : state_(std::make_shared<State>()), module_(std::move(module)), executor_(executor) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(std::string lost, base::Task<void> task) {
    state_->started.fetch_add(1);
    // Has the state, not the group: a task that is thrown away with its executor ends after it.
    auto ended = [state = state_, module = module_, what = std::move(lost)](
                     std::exception_ptr thrown, const base::Result<void>& result) {
        report(module, what, thrown, result);
        state->ended.advance(state->count_ended.fetch_add(1) + 1);
    };
    boost::asio::co_spawn(executor_, std::move(task), std::move(ended));
}

base::Task<void> TaskGroup::ended(base::Deadline deadline) {
    auto state = state_;
    auto all = state->started.load();
    // No deadline: what never ends by itself is asked again, so the wait has no other bound.
    constexpr std::chrono::milliseconds round{60000};
    while (state->ended.value() < all) {
        if (deadline.passed()) co_return base::deadline_passed();
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline.within(round).at() - base::Deadline::Clock::now());
        co_await state->ended.reached(all, left + std::chrono::milliseconds(1));
    }
    co_return base::Result<void>();
}

}  // namespace host
