#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "host/clock_watch.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "host/task_group.hpp"
#include "telemetry/metrics.hpp"

namespace host {

/// The modules of one process and what they share: metrics, clock, and the thread that does what is
/// not done on request, with a look at its tasks and at the clock. Knows none of them by name. Used
/// by the main thread.
class Host {
public:
    /// What the environment of the modules says of this process; see there.
    struct Options {
        std::filesystem::path folder;
        std::size_t io_threads = 1;
        bool scheduled = true;
        bool accept_older_data = false;
        bool open_mode = false;
        database::IfSyncFails if_sync_fails = database::IfSyncFails::stop;
        std::string version{};
        Restarts restarts{};
    };

    /// `clock` outlives the host.
    Host(Options options, const base::Clock& clock);
    /// As stop() without a deadline, then the modules go, the last one first.
    ~Host();
    Host(const Host&) = delete;

    /// What each module's open() is given; lives as long as the host.
    const Environment& environment() const { return environment_; }
    telemetry::Metrics& metrics() { return metrics_; }

    /// Before start(). What a module uses of others was added before it.
    template <class M>
    M& add(std::unique_ptr<M> module) {
        auto& added = *module;
        modules_.push_back(std::move(module));
        return added;
    }

    /// All of them, in the order of the list.
    const std::vector<std::unique_ptr<Module>>& modules() const { return modules_; }
    void add_routes(http::Router& router);
    std::vector<operations::Check> checks();
    std::vector<const bus::Trail*> trails() const;
    std::vector<operations::NamedJob> jobs();

    /// Starts the thread and every module. Refused as the first module that cannot be started;
    /// stop() is still to be called then.
    base::Result<void> start();
    /// Stops every module, the last one first, and ends the thread. Refused as the first module
    /// that is not done at the deadline; each is logged. Something of it may run still, so such a
    /// host must not go: the process has to end without that. Again: nothing.
    base::Result<void> stop(base::Deadline deadline);

private:
    telemetry::Metrics metrics_;
    base::Loop background_;
    boost::asio::executor_work_guard<base::Executor> work_;
    Environment environment_;
    base::Task<void> watch_clock();

    std::vector<std::unique_ptr<Module>> modules_;
    ClockWatch clock_watch_;
    base::Timer clock_timer_;
    std::atomic<bool> stopping_{false};
    TaskGroup tasks_;
    std::size_t started_ = 0;
    std::thread thread_;
};

}  // namespace host
