// What a connection knows of the checksums of its store's pages.
#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "sqlite_connection.hpp"
#include "sqlite_failure.hpp"
#include "sqlite_file_system.hpp"
#include "sqlite_store_guard.hpp"
#include "telemetry/log.hpp"

namespace database {

using namespace std::chrono_literals;

namespace {

/// A page that is being written may be read half, for a moment.
constexpr int looks = 3;
constexpr std::chrono::milliseconds between_looks = 5ms;

constexpr std::chrono::seconds told_every = 5s;
constexpr int steps_per_word = 100000;

/// Tells now and then that a long work goes on.
struct Patience {
    std::string store;
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point told = begun;

    static int look(void* patience) {
        auto& own = *static_cast<Patience*>(patience);
        auto now = std::chrono::steady_clock::now();
        if (now - own.told < told_every) return 0;
        own.told = now;
        auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - own.begun);
        telemetry::log(telemetry::Level::info, "database", "a store is still written anew",
                       {{"file", own.store}, {"seconds", seconds.count()}});
        return 0;
    }
};

/// The old pages, the new ones, and the write-ahead log that brings them there.
void expect_room(const std::filesystem::path& file, const std::string& store,
                 const std::string& why) {
    constexpr std::uintmax_t mib = 1 << 20;
    std::error_code unknown;
    auto needed = 2 * std::filesystem::file_size(file, unknown) + mib;
    if (unknown) return;
    auto space = std::filesystem::space(file.parent_path(), unknown);
    if (unknown || space.available >= needed) return;
    throw Failure(FailureKind::full,
                  store + ": " + why + ", for which its disk needs " +
                      std::to_string(needed / mib + 1) + " MiB of room for a while and has " +
                      std::to_string(space.available / mib) + " (nothing was changed)");
}

}  // namespace

void SqliteConnection::begin_checksums(const Settings& settings) {
    if (auto* guard = guard_of(handle_)) guard->set_durable(settings.durable);
    if (settings.mode != Mode::write) return;
    // Of a new store; one that is there keeps what it has until protect().
    int reserved = page_checksum_bytes;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
}

bool SqliteConnection::is_protected() {
    auto* guard = guard_of(handle_);
    return guard && guard->is_protected();
}

void SqliteConnection::protect() {
    auto* guard = guard_of(handle_);
    if (!guard || guard->is_protected()) return;
    std::filesystem::path file = sqlite3_db_filename(handle_, "main");
    expect_room(file, name_, "its pages are to be given checksums");
    telemetry::log(telemetry::Level::info, "database",
                   "the pages of a store from before are given checksums",
                   {{"file", name_}, {"bytes", std::filesystem::file_size(file)}});
    write_anew();
    if (!guard->is_protected()) {
        throw Failure(FailureKind::other, name_ + ": SQLite leaves no room for checksums");
    }
    telemetry::log(telemetry::Level::info, "database", "the pages of a store have checksums now",
                   {{"file", name_}});
}

void SqliteConnection::compact() {
    std::filesystem::path file = sqlite3_db_filename(handle_, "main");
    auto count = [this](const char* pragma) {
        auto read = prepare(pragma);
        return read.step() ? read.integer(0) : 0;
    };
    auto pages = count("pragma page_count");
    auto free = count("pragma freelist_count");
    constexpr std::int64_t worth_it = 10;
    if (free * worth_it < pages || free == 0) return;
    expect_room(file, name_, "it is to be written anew");
    telemetry::log(telemetry::Level::info, "database",
                   "a store is written anew without what is free",
                   {{"file", name_}, {"pages", pages}, {"free", free}});
    write_anew();
}

void SqliteConnection::write_anew() {
    std::filesystem::path file = sqlite3_db_filename(handle_, "main");
    Patience patience{name_};
    SqliteTemporaryFiles beside(file);
    statements_.clear();
    sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 1);
    sqlite3_progress_handler(handle_, steps_per_word, Patience::look, &patience);
    execute("pragma temp_store=file");
    // Into the write-ahead log, in one transaction: whatever interrupts it, the store is as before.
    execute("vacuum");
    execute("pragma temp_store=memory");
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
    checkpoint_->run(true);
}

PageLook SqliteConnection::look_at_pages(std::int64_t first, std::int64_t count) {
    PageLook look;
    auto* guard = guard_of(handle_);
    if (!guard || !guard->is_protected()) return look;
    look.pages = guard->pages();
    auto last = std::min(look.pages, count > look.pages ? look.pages : first + count - 1);
    if (first > last) return look;
    auto unfit = guard->unfit(static_cast<std::uint32_t>(first),
                              static_cast<std::uint32_t>(last - first + 1));
    for (auto page : unfit) {
        if (is_damaged(page)) look.damaged.push_back(page);
    }
    return look;
}

bool SqliteConnection::is_damaged(std::uint32_t page) {
    for (int look = 0; look < looks; ++look) {
        if (look > 0) std::this_thread::sleep_for(between_looks);
        if (is_elsewhere(page) || guard_of(handle_)->unfit(page, 1).empty()) return false;
    }
    return true;
}

/// In the write-ahead log, or in no state of the store: a file may be longer for a while.
bool SqliteConnection::is_elsewhere(std::uint32_t page) {
    bool is_beyond = false;
    bool alone = !in_transaction();
    if (alone) begin_read(nullptr);
    try {
        // It is the first read that opens the log.
        auto read = prepare("pragma page_count");
        is_beyond = read.step() && read.integer(0) < std::int64_t{page};
    } catch (const Failure& failure) {
        // Of page 1, which may be the one in question.
        if (failure.kind() != FailureKind::damaged) throw;
    }
    bool is_in_log = guard_of(handle_)->log_has(page);
    if (alone) end_read();
    return is_beyond || is_in_log;
}

}  // namespace database
