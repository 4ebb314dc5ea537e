#pragma once

#include <atomic>
#include <string>

#include "base/timer.hpp"
#include "database/database.hpp"
#include "host/environment.hpp"
#include "host/task_group.hpp"

namespace host {

/// Forgets, again and again, the answered calls of one store that are older than
/// base::idempotency_key_life: calls that nobody repeats are kept so long and no longer, also while
/// nobody writes. Works on the background executor; one that cannot be forgotten yet is logged.
class CallSweep {
public:
    /// `module`: whose line it is in the log.
    CallSweep(std::string module, const Environment& environment);

    /// The store and the tasks must outlive what is begun, which ends with stop().
    void begin(TaskGroup& tasks, database::Database& database);
    /// Thread-safe; does not wait.
    void stop();

private:
    base::Task<void> run(database::Database& database);

    const std::string module_;
    base::Timer timer_;
    std::atomic<bool> stopping_{false};
};

}  // namespace host
