#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/timer.hpp"
#include "database/database.hpp"
#include "log_store.hpp"

namespace recommendation {

/// Forgets, again and again, what is older in the log of visits than is kept, in short steps. Lives
/// on one executor; stop() is thread-safe.
class LogSweep {
public:
    struct Limits {
        std::chrono::hours kept_for{};
        std::int64_t rows_max = 0;
    };

    LogSweep(database::Database& database, const base::Clock& clock, const Limits& limits,
             base::Executor executor)
        : database_(database), limits_(limits), timer_(clock, executor) {}

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    void stop();

private:
    base::Task<void> sweep();

    database::Database& database_;
    const Limits limits_;
    base::Timer timer_;
    std::atomic<bool> stopping_{false};
    std::int64_t swept_ = 0;  ///< up to where nothing is to be forgotten yet
    base::Clock::Moment next_whole_{};
};

}  // namespace recommendation
