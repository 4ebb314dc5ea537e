#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "base/timer.hpp"
#include "command_service.hpp"
#include "database/database.hpp"

namespace news {

/// Publishes scheduled articles when their time has come, and those whose time came while the
/// server was down. It looks at the view's index of schedules several times a second, which costs
/// microseconds and leaves no wake-up to be missed. Also forgets old idempotency keys.
/// Lives on one executor; stop() is thread-safe.
class Scheduler {
public:
    Scheduler(database::Database& view, EventStore& events, CommandService& commands,
              const base::Clock& clock, std::string news_type, std::chrono::milliseconds interval,
              base::Executor executor);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    void stop();

    /// Publishes what is due now; gives how many were.
    base::Task<std::int64_t> publish_due();

private:
    database::Database& view_;
    EventStore& events_;
    CommandService& commands_;
    const base::Clock& clock_;
    std::string news_type_;
    std::chrono::milliseconds interval_;
    base::Timer timer_;
    std::string refused_as_;  ///< said once, not several times a second; empty: it works
    std::atomic<bool> stopping_{false};
};

}  // namespace news
