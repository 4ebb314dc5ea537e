#include "sqlite_file_system.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <mutex>
#include <new>
#include <string>

#include "sqlite_log_guard.hpp"
#include "sqlite_store_guard.hpp"

namespace database {

namespace {

// A file of ours is a file of the real system whose table of functions is a copy with some of our
// own. So nothing stands between SQLite and the disk but there. A guard lies behind the real file.

/// Enough for any storm of signals; who interrupts more often does not want it done.
constexpr int attempts_max = 1000;
/// Asks a file for its guard.
constexpr int ask_for_guard = 0x706f7274;

enum class Guards { none, store, log };

/// A table of functions as SQLite knows it, followed by what it is a copy of.
struct OurMethods {
    sqlite3_io_methods methods;
    const sqlite3_io_methods* real = nullptr;
    std::size_t guard_at = 0;  ///< behind the beginning of the file
    Guards guards = Guards::none;
};

struct OurSystem {
    sqlite3_vfs system;
    sqlite3_vfs* real = nullptr;
    std::size_t guard_at = 0;
    bool is_guarded = false;
    std::string name;
};

/// Made once each, and never moved or destroyed: SQLite keeps pointers to them until the end.
struct Made {
    std::mutex mutex;
    std::deque<OurMethods> methods;
    std::deque<OurSystem> systems;
};

Made& made() {
    static auto* const all = new Made;
    return *all;
}

thread_local const std::string* temporary_name = nullptr;

const OurMethods& ours(sqlite3_file* file) {
    return *reinterpret_cast<const OurMethods*>(file->pMethods);
}

const sqlite3_io_methods* real_of(sqlite3_file* file) {
    return ours(file).real;
}

template <class Guard>
Guard& guard_in(sqlite3_file* file) {
    auto* at = reinterpret_cast<unsigned char*>(file) + ours(file).guard_at;
    return *std::launder(reinterpret_cast<Guard*>(at));
}

SqliteStoreGuard& store_guard(sqlite3_file* file) {
    return guard_in<SqliteStoreGuard>(file);
}

SqliteLogGuard& log_guard(sqlite3_file* file) {
    return guard_in<SqliteLogGuard>(file);
}

int sync_file(sqlite3_file* file, int flags) {
    const auto* real = real_of(file);
    int code = real->xSync(file, flags);
    for (int attempt = 1; code == SQLITE_IOERR_FSYNC && attempt < attempts_max; ++attempt) {
        int error = 0;
        real->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
        if (error != EINTR) break;
        code = real->xSync(file, flags);
    }
    return code;
}

template <class Guard>
int close_guarded(sqlite3_file* file) {
    auto& guard = guard_in<Guard>(file);
    int code = real_of(file)->xClose(file);
    guard.~Guard();
    return code;
}

int read_store(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
    int code = real_of(file)->xRead(file, to, count, at);
    return store_guard(file).after_read(code, to, count, at);
}

int write_store(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
    return store_guard(file).write(from, count, at);
}

int control_store(sqlite3_file* file, int operation, void* argument) {
    if (operation != ask_for_guard) {
        return real_of(file)->xFileControl(file, operation, argument);
    }
    *static_cast<SqliteStoreGuard**>(argument) = &store_guard(file);
    return SQLITE_OK;
}

int read_log(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
    int code = real_of(file)->xRead(file, to, count, at);
    return log_guard(file).after_read(code, to, count, at);
}

int write_log(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
    int code = real_of(file)->xWrite(file, from, count, at);
    log_guard(file).after_write(code, from, count, at);
    return code;
}

int sync_log(sqlite3_file* file, int flags) {
    int code = sync_file(file, flags);
    log_guard(file).after_sync(code);
    return code;
}

OurMethods make_methods(const sqlite3_io_methods* real, std::size_t guard_at, Guards guards) {
    OurMethods made{*real, real, guard_at, guards};
    auto& methods = made.methods;
    methods.xSync = guards == Guards::log ? sync_log : sync_file;
    if (guards == Guards::none) return made;
    // Without its third version there is no way round xRead.
    methods.iVersion = std::min(methods.iVersion, 2);
    if (guards == Guards::store) {
        methods.xRead = read_store;
        methods.xWrite = write_store;
        methods.xClose = close_guarded<SqliteStoreGuard>;
        methods.xFileControl = control_store;
    } else {
        methods.xRead = read_log;
        methods.xWrite = write_log;
        methods.xClose = close_guarded<SqliteLogGuard>;
    }
    return made;
}

const sqlite3_io_methods* methods_over(const sqlite3_io_methods* real, std::size_t guard_at,
                                       Guards guards) {
    std::lock_guard lock(made().mutex);
    for (const auto& known : made().methods) {
        bool same = known.real == real && known.guard_at == guard_at && known.guards == guards;
        if (same) return &known.methods;
    }
    made().methods.push_back(make_methods(real, guard_at, guards));
    return &made().methods.back().methods;
}

int open_file(sqlite3_vfs* system, const char* name, sqlite3_file* file, int flags, int* out) {
    const auto& own = *reinterpret_cast<OurSystem*>(system);
    bool is_temporary = !name && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0 && temporary_name;
    const char* place = is_temporary ? temporary_name->c_str() : name;
    int code = own.real->xOpen(own.real, place, file, flags, out);
    if (!file->pMethods) return code;
    SqliteRawFile raw{file, file->pMethods};
    auto* guard = reinterpret_cast<unsigned char*>(file) + own.guard_at;
    auto guards = Guards::none;
    if (own.is_guarded && (flags & SQLITE_OPEN_MAIN_DB) != 0) {
        guards = Guards::store;
        new (guard) SqliteStoreGuard(raw);
    } else if (own.is_guarded && (flags & SQLITE_OPEN_WAL) != 0) {
        guards = Guards::log;
        auto& store = store_guard(sqlite3_database_file_object(name));
        new (guard) SqliteLogGuard(raw, store);
    }
    file->pMethods = methods_over(file->pMethods, own.guard_at, guards);
    return code;
}

const char* system_over_default(bool is_guarded) {
    auto* real = sqlite3_vfs_find(nullptr);
    std::lock_guard lock(made().mutex);
    for (const auto& known : made().systems) {
        if (known.real == real && known.is_guarded == is_guarded) return known.name.c_str();
    }
    auto& added = made().systems.emplace_back();
    added.real = real;
    added.is_guarded = is_guarded;
    added.name = std::string(is_guarded ? "guarded-" : "patient-") + real->zName;
    constexpr std::size_t aligned = alignof(std::max_align_t);
    added.guard_at = (static_cast<std::size_t>(real->szOsFile) + aligned - 1) / aligned * aligned;
    added.system = *real;
    added.system.szOsFile = static_cast<int>(
        added.guard_at + std::max(sizeof(SqliteStoreGuard), sizeof(SqliteLogGuard)));
    added.system.zName = added.name.c_str();
    added.system.xOpen = open_file;
    sqlite3_vfs_register(&added.system, 0);
    return added.name.c_str();
}

}  // namespace

const char* patient_file_system() {
    return system_over_default(false);
}

const char* guarded_file_system() {
    return system_over_default(true);
}

SqliteStoreGuard* guard_of(sqlite3* handle) {
    SqliteStoreGuard* guard = nullptr;
    if (handle) sqlite3_file_control(handle, "main", ask_for_guard, &guard);
    return guard;
}

SqliteTemporaryFiles::SqliteTemporaryFiles(const std::filesystem::path& store)
    : name_(store.string() + ".vacuum") {
    temporary_name = &name_;
}

SqliteTemporaryFiles::~SqliteTemporaryFiles() {
    temporary_name = nullptr;
}

}  // namespace database
