#include "sqlite_failure.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "sqlite_file_system.hpp"
#include "sqlite_store_guard.hpp"

namespace database {

namespace {

/// Whether the disk was full while the index of the write-ahead log grew: nothing is lost by that,
/// as it is by a sync that failed, though SQLite calls both an I/O error.
bool is_full_index(int code, int error) {
    bool of_index =
        code == SQLITE_IOERR_SHMSIZE || code == SQLITE_IOERR_SHMOPEN || code == SQLITE_IOERR_SHMMAP;
    return of_index && (error == ENOSPC || error == EDQUOT);
}

/// A file that is not opened for no fault of its own.
FailureKind kind_of_unopened(int error) {
    if (error == EMFILE || error == ENFILE) return FailureKind::scarce;
    if (error == ENOSPC || error == EDQUOT) return FailureKind::full;
    return error == ENOMEM ? FailureKind::memory : FailureKind::unopened;
}

FailureKind kind_of(int code, int error) {
    if (is_full_index(code, error)) return FailureKind::full;
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) return FailureKind::sync;
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return FailureKind::constraint;
        case SQLITE_FULL:
            return FailureKind::full;
        case SQLITE_IOERR:
            return FailureKind::io;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return FailureKind::damaged;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return FailureKind::busy;
        case SQLITE_CANTOPEN:
            return kind_of_unopened(error);
        case SQLITE_NOMEM:
            return FailureKind::memory;
        case SQLITE_INTERRUPT:
            return FailureKind::time_limit;
        default:
            return FailureKind::other;
    }
}

/// In our words first, then in SQLite's, which are what the world searches for.
std::string sentence(FailureKind kind, const std::string& said) {
    switch (kind) {
        case FailureKind::full:
            return "the disk is full (" + said + ")";
        case FailureKind::io:
        case FailureKind::sync:
            return "the disk does not work (" + said + ")";
        case FailureKind::damaged:
            return "the file is damaged (" + said + ")";
        case FailureKind::busy:
            return "another process holds it (" + said + ")";
        case FailureKind::memory:
            return "there is not enough memory";
        default:
            return said;
    }
}

}  // namespace

Failure sqlite_failure(int code, const std::string& store, const std::string& said, int error) {
    auto kind = kind_of(code, error);
    bool of_disk = kind == FailureKind::io || kind == FailureKind::sync ||
                   kind == FailureKind::full || kind == FailureKind::unopened ||
                   kind == FailureKind::scarce;
    auto why = said;
    if (of_disk && error != 0) why += ": " + std::string(std::strerror(error));
    return {kind, store + ": " + sentence(kind, why)};
}

Failure sqlite_failure(sqlite3* handle, const std::string& store) {
    if (!handle) return sqlite_failure(SQLITE_NOMEM, store, "out of memory", 0);
    auto kind = kind_of(sqlite3_extended_errcode(handle), 0);
    auto* guard = guard_of(handle);
    bool may_be_page = kind == FailureKind::damaged || kind == FailureKind::io;
    auto damage = guard && may_be_page ? guard->take_damage() : std::string();
    if (!damage.empty()) return sqlite_failure(damaged_page, store, damage, 0);
    return sqlite_failure(sqlite3_extended_errcode(handle), store, sqlite3_errmsg(handle),
                          sqlite3_system_errno(handle));
}

}  // namespace database
