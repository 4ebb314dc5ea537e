#pragma once

#include <atomic>

#include "base/timer.hpp"
#include "database/database.hpp"
#include "telemetry/metrics.hpp"

namespace search {

/// Takes what was removed out of the file: by itself the index keeps words of removed articles for
/// as long as nothing makes it write their part anew. In short steps. Lives on one executor; stop()
/// is thread-safe.
class PurgeService {
public:
    PurgeService(database::Database& database, telemetry::Counter& steps, const base::Clock& clock,
                 base::Executor executor)
        : database_(database), steps_(steps), timer_(clock, executor) {}

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    void stop();
    /// Everything that there is to do now.
    base::Task<void> purge_all();

private:
    database::Database& database_;
    telemetry::Counter& steps_;
    base::Timer timer_;
    std::atomic<bool> stopping_{false};
};

}  // namespace search
