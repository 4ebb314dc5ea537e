#include "sqlite_checkpoint.hpp"

#include <sqlite3.h>

#include "page_checksum.hpp"
#include "sqlite_failure.hpp"
#include "telemetry/log.hpp"

namespace database {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds pause_min = 1s;
constexpr std::chrono::milliseconds pause_max = 64s;

}  // namespace

SqliteCheckpoint::SqliteCheckpoint(sqlite3* handle, std::string store, const Config& limits,
                                   SteadyNow now)
    : handle_(handle),
      store_(std::move(store)),
      limits_(limits),
      now_(std::move(now)),
      pause_(pause_min) {
    sqlite3_wal_hook(handle_, note_commit, this);
}

int SqliteCheckpoint::note_commit(void* checkpoint, sqlite3*, const char*, int pages) {
    static_cast<SqliteCheckpoint*>(checkpoint)
        ->bytes_.store(pages * static_cast<std::int64_t>(page_bytes), std::memory_order_relaxed);
    return SQLITE_OK;
}

void SqliteCheckpoint::run(bool closing) {
    bool over = bytes() >= limits_.wal_bytes_max;
    // The log was begun anew by itself: whoever held it back is gone.
    if (!over && is_stuck()) emptied();
    if (bytes() < limits_.checkpoint_bytes && !closing) return;

    bool waits = closing || (over && now_() >= next_wait_);
    int mode = waits ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    auto wait = waits ? limits_.checkpoint_wait_max_ms : 0ms;
    sqlite3_busy_timeout(handle_, static_cast<int>(wait.count()));
    int in_log = 0;
    int moved = 0;
    int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &in_log, &moved);
    sqlite3_busy_timeout(handle_, static_cast<int>(busy_timeout.count()));
    if (code == SQLITE_OK) {
        if (moved == in_log) bytes_.store(0, std::memory_order_relaxed);
        if (waits) emptied();
        return;
    }
    if ((code & 0xff) != SQLITE_BUSY) throw sqlite_failure(handle_, store_);
    if (waits && over) waited_in_vain();
}

void SqliteCheckpoint::waited_in_vain() {
    next_wait_ = now_() + pause_;
    pause_ = std::min(pause_ * 2, pause_max);
    if (stuck_.exchange(true, std::memory_order_relaxed)) return;
    telemetry::log(telemetry::Level::warning, "database",
                   "somebody reads an old state of the store, so its write-ahead log grows past "
                   "its limit; look for a process that has the file open",
                   {{"file", store_}, {"wal_bytes", bytes()}});
}

void SqliteCheckpoint::emptied() {
    pause_ = pause_min;
    next_wait_ = {};
    if (!stuck_.exchange(false, std::memory_order_relaxed)) return;
    telemetry::log(telemetry::Level::info, "database",
                   "the write-ahead log is within its limit again", {{"file", store_}});
}

}  // namespace database
