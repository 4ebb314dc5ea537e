#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "database/database.hpp"

struct sqlite3;

namespace database {

/// Moves the write-ahead log into the file, after the callers of a commit are answered.
///
/// Up to `wal_bytes_max` without waiting for anybody. Past it the log must be begun anew, for which
/// it waits until nobody reads an older state, `checkpoint_wait_max_ms` at most. Our own readers
/// end in time; a process from outside (a copy, a check) need not, and whoever waits for it at each
/// commit makes every change wait. So after a wait for nothing the next one comes 1 s later at the
/// earliest, then 2 s, up to 64 s; until then the log grows, and is_stuck() says so.
///
/// On the writer's thread; bytes() and is_stuck() on any.
class SqliteCheckpoint {
public:
    SqliteCheckpoint(sqlite3* handle, std::string store, const Config& limits, SteadyNow now);

    /// Throws Failure.
    void run(bool closing);
    std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
    bool is_stuck() const { return stuck_.load(std::memory_order_relaxed); }

    /// What the settings of a connection and the wait here have to agree on.
    static constexpr std::chrono::milliseconds busy_timeout{5000};

private:
    static int note_commit(void* checkpoint, sqlite3* handle, const char* schema, int pages);
    void waited_in_vain();
    void emptied();

    sqlite3* handle_;
    std::string store_;
    Config limits_;
    SteadyNow now_;
    std::chrono::steady_clock::time_point next_wait_{};
    std::chrono::milliseconds pause_;
    std::atomic<std::int64_t> bytes_{0};
    std::atomic<bool> stuck_{false};
};

}  // namespace database
