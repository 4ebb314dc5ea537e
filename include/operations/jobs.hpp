#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "http/router.hpp"

namespace operations {

/// How far a job is. Thread-safe.
class Progress {
public:
    /// `text`: what a person should read beside the bar, as `4,000 added, 12 rejected`.
    void tell(std::int64_t done, std::int64_t total, std::string text);
    /// Something that they should not have to wait for: shown once, on a line of its own.
    void notice(std::string sentence);
    struct State {
        std::int64_t done = 0;
        std::int64_t total = 0;
        std::string text;
        std::string notice{};  ///< the last one
    };
    State state() const;

    /// Set when the job should end soon.
    std::atomic<bool> stop{false};

private:
    mutable std::mutex mutex_;
    State state_;
};

/// Long work with arguments and a result in JSON. Runs on a thread of its own; may throw.
using Job = std::function<base::Result<nlohmann::json>(const nlohmann::json& arguments, Progress&)>;

/// A job and the name under which a command asks for it.
struct NamedJob {
    std::string name;
    Job job;
};

/// The work that commands of the binary send to the server which owns the data folder, over its
/// control socket. One job runs at a time; the results of the last sixteen are kept for who asked.
class Jobs {
public:
    Jobs() = default;
    ~Jobs();

    /// Before the router is used.
    void add(NamedJob job);
    /// POST /jobs/{name} starts one (409 `job_running` while another runs) and answers its number,
    /// GET /jobs/{number} says how it is. For the control listener only.
    void add_routes(http::Router& router);
    /// Asks the running job to end and waits for it.
    void stop();

private:
    struct Running {
        std::uint64_t number = 0;
        std::string name;
        Progress progress;
        std::thread thread;
        std::mutex mutex;
        bool done = false;
        nlohmann::json answer;
    };

    http::Response start(const http::Request& request);
    http::Response report(const http::Request& request) const;
    void work(std::shared_ptr<Running> running, const Job& job, nlohmann::json arguments);

    std::map<std::string, Job> jobs_;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<Running>> latest_;  // the last one may be running
    std::uint64_t started_ = 0;
    bool stopping_ = false;
};

/// The client's side: starts the job on the server behind `address` (`unix:/path`), polls until it
/// has ended, and gives its result. `progress` hears each report. Blocks.
base::Result<nlohmann::json> run_on_server(
    const std::string& address, const std::string& name, const nlohmann::json& arguments,
    const std::function<void(const Progress::State&)>& progress);

}  // namespace operations
