#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "base/timer.hpp"
#include "host/task_group.hpp"
#include "sign_service.hpp"

namespace gateway {

/// Ends what has been done about clients long enough, and keeps the list for a firewall. Works on
/// the background executor.
class FirewallListService {
public:
    /// Nothing is written without an action that lists.
    FirewallListService(const SignLimits& limits, std::shared_ptr<const SignService> signs,
                        const host::Environment& environment);

    /// This and the tasks outlive what is begun, which ends with stop().
    void begin(host::TaskGroup& tasks);
    /// Thread-safe; does not wait.
    void stop();

private:
    base::Task<void> keep_up();
    void write();

    const std::shared_ptr<const SignService> signs_;
    const bool lists_;
    const std::filesystem::path file_;
    base::Timer timer_;
    std::atomic<bool> stopping_{false};
    std::string written_;
    bool is_written_ = false;
    bool has_failed_ = false;
};

}  // namespace gateway
