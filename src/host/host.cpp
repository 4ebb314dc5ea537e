#include "host/host.hpp"

#include <tuple>

#include "base/thread.hpp"
#include "parked_job.hpp"
#include "telemetry/log.hpp"

namespace host {

Host::Host(Options options, const base::Clock& clock)
    : work_(boost::asio::make_work_guard(background_)),
      environment_{std::move(options.folder),
                   clock,
                   metrics_,
                   background_.get_executor(),
                   options.io_threads,
                   options.scheduled,
                   options.accept_older_data,
                   options.open_mode,
                   options.if_sync_fails,
                   std::move(options.version),
                   std::make_shared<Supervision>(options.restarts)},
      clock_watch_(clock, metrics_),
      clock_timer_(clock, background_.get_executor()),
      tasks_("host", environment_) {}

Host::~Host() {
    std::ignore = stop(base::Deadline());
    while (!modules_.empty()) modules_.pop_back();
}

void Host::add_routes(http::Router& router) {
    for (auto& module : modules_) module->add_routes(router);
}

std::vector<operations::Check> Host::checks() {
    std::vector<operations::Check> all;
    for (auto& module : modules_) {
        for (auto& check : module->checks()) all.push_back(std::move(check));
    }
    auto well = [] { return std::string(); };
    all.push_back({"clock", well, [this] { return clock_watch_.warning(); }});
    all.push_back({"tasks", well, [this] { return environment_.supervision->warning(); }});
    return all;
}

std::vector<const bus::Trail*> Host::trails() const {
    std::vector<const bus::Trail*> all;
    for (const auto& module : modules_) {
        for (const auto* trail : module->trails()) all.push_back(trail);
    }
    return all;
}

std::vector<operations::NamedJob> Host::jobs() {
    std::vector<operations::NamedJob> all;
    for (auto& module : modules_) {
        for (auto& job : module->jobs()) all.push_back(std::move(job));
    }
    std::vector<NamedSubscription> subscriptions;
    for (auto& module : modules_) {
        for (auto& one : module->subscriptions()) subscriptions.push_back(std::move(one));
    }
    all.push_back(parked_job(std::move(subscriptions)));
    return all;
}

base::Result<void> Host::start() {
    thread_ = std::thread([this] {
        base::name_thread("background");
        background_.run();
    });
    if (environment_.scheduled) {
        tasks_.spawn("clock", "a clock that is set is not noticed",
                     [this] { return watch_clock(); });
    }
    for (; started_ < modules_.size(); ++started_) {
        auto started = base::run(modules_[started_]->start());
        if (!started) return started;
    }
    return {};
}

base::Task<void> Host::watch_clock() {
    while (!stopping_.load()) {
        clock_watch_.look();
        co_await clock_timer_.pause(ClockWatch::interval);
    }
    co_return base::Result<void>();
}

base::Result<void> Host::stop(base::Deadline deadline) {
    base::Result<void> all_stopped;
    if (!thread_.joinable()) return all_stopped;
    for (; started_ > 0; --started_) {
        auto& module = *modules_[started_ - 1];
        auto stopped = base::run(module.stop(deadline));
        if (stopped) continue;
        telemetry::log(telemetry::Level::error, "host", "a module did not end in time",
                       {{"module", module.name()}, {"error", stopped.error().code}});
        background_.stop();
        if (all_stopped) all_stopped = stopped;
    }
    stopping_.store(true);
    clock_timer_.cancel();
    work_.reset();
    thread_.join();
    return all_stopped;
}

}  // namespace host
