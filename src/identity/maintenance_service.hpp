#pragma once

#include <atomic>

#include "base/timer.hpp"
#include "database/database.hpp"
#include "keys_service.hpp"
#include "revocations.hpp"

namespace identity {

/// What is done from time to time: signing keys get successors, and rows that have ended go. Lives
/// on one executor; stop() is thread-safe.
class MaintenanceService {
public:
    MaintenanceService(database::Database& database, Revocations& revocations, KeysService& keys,
                       const base::Clock& clock, base::Executor executor);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    void stop();

    /// One round. What cannot be done now is logged, and tried again the next time.
    base::Task<void> run_once();

private:
    base::Task<std::int64_t> forget();

    database::Database& database_;
    Revocations& revocations_;
    KeysService& keys_;
    const base::Clock& clock_;
    base::Timer timer_;
    std::atomic<bool> stopping_{false};
};

}  // namespace identity
