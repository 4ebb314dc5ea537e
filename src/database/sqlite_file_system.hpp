#pragma once

#include <filesystem>
#include <string>

struct sqlite3;

namespace database {

class SqliteStoreGuard;

/// The name of SQLite's default file system with one thing mended: SQLite takes a sync that a
/// signal interrupted (EINTR) for a disk that failed, where it repeats every other call. An
/// interrupted sync has failed at nothing, so it is tried again. (A sync that did fail is never
/// repeated: the kernel may have thrown the pages away and would say yes.)
const char* patient_file_system();

/// The same, where each page of a store has a checksum: see SqliteStoreGuard and SqliteLogGuard.
const char* guarded_file_system();

/// The guard of a connection's store; null if it was opened without.
SqliteStoreGuard* guard_of(sqlite3* handle);

/// As long as it lives, what SQLite keeps on the disk for a while on this thread is beside `store`,
/// and not in a folder for everybody's temporary files.
class SqliteTemporaryFiles {
public:
    explicit SqliteTemporaryFiles(const std::filesystem::path& store);
    ~SqliteTemporaryFiles();
    SqliteTemporaryFiles(const SqliteTemporaryFiles&) = delete;

private:
    std::string name_;
};

}  // namespace database
