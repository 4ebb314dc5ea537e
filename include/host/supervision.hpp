#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace host {

/// How soon a background task that broke is begun again: after `wait_min`, twice as long each time
/// that it breaks soon, at most `wait_max`.
struct Restarts {
    std::chrono::milliseconds wait_min{1000};
    std::chrono::milliseconds wait_max{60000};
};

/// Which background tasks of a process are down just now: they broke, and wait to be begun again.
/// Thread-safe.
class Supervision {
public:
    explicit Supervision(const Restarts& restarts = {}) : restarts_(restarts) {}

    const Restarts& restarts() const { return restarts_; }
    /// `lost`: what that means meanwhile.
    void down(const std::string& task, std::string lost);
    void up(const std::string& task);
    /// For /readyz; empty: none is down.
    std::string warning() const;

private:
    const Restarts restarts_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string> down_;
};

}  // namespace host
