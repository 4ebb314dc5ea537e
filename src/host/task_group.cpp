#include "host/task_group.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <chrono>

#include "base/timer.hpp"
#include "base/watermark.hpp"
#include "telemetry/log.hpp"

namespace host {

/// Held by the tasks, not by the group alone: one that is thrown away with its executor ends after
/// it.
struct TaskGroup::State {
    std::atomic<std::int64_t> started{0};
    std::atomic<std::int64_t> count_ended{0};
    base::Watermark ended;
    base::Watermark stopping;  ///< 1: none is begun again
};

struct TaskGroup::Job {
    std::string module;
    std::string name;
    std::string lost;
    Begin begin;
    base::Executor executor;
    const base::Clock& clock;
    telemetry::Counter& restarts;
    std::shared_ptr<Supervision> supervision;
};

namespace {

std::string text_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& failure) {
        std::string text = failure.what();
        return text.empty() ? "an exception without words" : text;
    } catch (...) {
        return "an exception of an unknown kind";
    }
}

}  // namespace

TaskGroup::TaskGroup(std::string module, const Environment& environment)
    : state_(std::make_shared<State>()), module_(std::move(module)), environment_(environment) {}

TaskGroup::~TaskGroup() = default;

void TaskGroup::spawn(const std::string& name, std::string lost, Begin begin) {
    auto full = module_ + "." + name;
    auto& restarts = environment_.metrics.counter(
        "portal_tasks_restarted_total", "Background tasks that broke and were begun again.",
        {{"task", full}});
    std::shared_ptr<Job> job(new Job{module_, full, std::move(lost), std::move(begin),
                                     environment_.background, environment_.clock, restarts,
                                     environment_.supervision});
    state_->started.fetch_add(1);
    auto ended = [state = state_](std::exception_ptr, const base::Result<void>&) {
        state->ended.advance(state->count_ended.fetch_add(1) + 1);
    };
    boost::asio::co_spawn(environment_.background, supervise(state_, std::move(job)),
                          std::move(ended));
}

base::Task<void> TaskGroup::supervise(std::shared_ptr<State> state, std::shared_ptr<Job> job) {
    const auto& limits = job->supervision->restarts();
    base::Timer timer(job->clock, job->executor);
    auto wait = limits.wait_min;
    for (;;) {
        auto began = job->clock.steady();
        std::string error;
        try {
            auto task = job->begin();
            auto ended = co_await std::move(task);
            if (!ended) error = ended.error().message;
        } catch (...) {
            error = text_of(std::current_exception());
        }
        if (error.empty()) break;
        if (job->clock.steady() - began > limits.wait_max) wait = limits.wait_min;
        bool stopping = state->stopping.value() > 0;
        telemetry::log(telemetry::Level::critical, job->module, job->lost,
                       {{"task", job->name},
                        {"error", error},
                        {"begun_again_ms", stopping ? -1 : wait.count()}});
        if (stopping) break;
        job->supervision->down(job->name, job->lost);
        co_await state->stopping.reached(1, timer, job->clock.steady() + wait);
        job->supervision->up(job->name);
        if (state->stopping.value() > 0) break;
        job->restarts.add();
        wait = std::min(wait * 2, limits.wait_max);
    }
    co_return base::Result<void>();
}

base::Task<void> TaskGroup::ended(base::Deadline deadline) {
    auto state = state_;
    auto all = state->started.load();
    state->stopping.advance(1);
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
