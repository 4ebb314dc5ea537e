#include "sqlite_file_system.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <deque>
#include <mutex>
#include <string>

namespace database {

namespace {

// A file of ours is a file of the real system whose table of functions is a copy with another sync.
// So nothing stands between SQLite and the disk but on a sync.

/// Enough for any storm of signals; who interrupts more often does not want it done.
constexpr int attempts_max = 1000;

/// A table of functions as SQLite knows it, followed by the one that it is a copy of.
struct PatientMethods {
    sqlite3_io_methods methods;
    const sqlite3_io_methods* real = nullptr;
};

struct PatientSystem {
    sqlite3_vfs system;
    sqlite3_vfs* real = nullptr;
    std::string name;
};

/// Made once each, and never moved or destroyed: SQLite keeps pointers to them until the end.
struct Made {
    std::mutex mutex;
    std::deque<PatientMethods> methods;
    std::deque<PatientSystem> systems;
};

Made& made() {
    static auto* const all = new Made;
    return *all;
}

int sync_file(sqlite3_file* file, int flags) {
    const auto* real = reinterpret_cast<const PatientMethods*>(file->pMethods)->real;
    int code = real->xSync(file, flags);
    for (int attempt = 1; code == SQLITE_IOERR_FSYNC && attempt < attempts_max; ++attempt) {
        int error = 0;
        real->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
        if (error != EINTR) break;
        code = real->xSync(file, flags);
    }
    return code;
}

const sqlite3_io_methods* patient(const sqlite3_io_methods* real) {
    std::lock_guard lock(made().mutex);
    for (const auto& known : made().methods) {
        if (known.real == real) return &known.methods;
    }
    auto& added = made().methods.emplace_back();
    added.methods = *real;
    added.methods.xSync = sync_file;
    added.real = real;
    return &added.methods;
}

int open_file(sqlite3_vfs* system, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* real = reinterpret_cast<PatientSystem*>(system)->real;
    int code = real->xOpen(real, name, file, flags, out);
    if (file->pMethods) file->pMethods = patient(file->pMethods);
    return code;
}

}  // namespace

const char* patient_file_system() {
    auto* real = sqlite3_vfs_find(nullptr);
    std::lock_guard lock(made().mutex);
    for (const auto& known : made().systems) {
        if (known.real == real) return known.name.c_str();
    }
    auto& added = made().systems.emplace_back();
    added.real = real;
    added.name = std::string("patient-") + real->zName;
    added.system = *real;
    added.system.zName = added.name.c_str();
    added.system.xOpen = open_file;
    sqlite3_vfs_register(&added.system, 0);
    return added.name.c_str();
}

}  // namespace database
