#include "sqlite_driver.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "telemetry/log.hpp"

namespace database {

namespace {

/// A new file's name is in its folder only once the folder is on the disk.
void sync_folder(const std::filesystem::path& file) {
    int error = 0;
    int descriptor = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        error = errno;
    } else {
        do {
            error = ::fsync(descriptor) == 0 ? 0 : errno;
        } while (error == EINTR);
        ::close(descriptor);
    }
    if (error == 0) return;
    throw Failure(FailureKind::io, file.filename().string() + ": its folder cannot be synced (" +
                                       std::strerror(error) + ")");
}

void warn_of_network_file_system(const std::filesystem::path& folder) {
    struct statfs facts {};
    if (::statfs(folder.c_str(), &facts) != 0) return;
    constexpr std::int64_t smb2 = 0xfe534d42;
    auto kind = static_cast<std::int64_t>(facts.f_type) & 0xffffffff;
    if (kind == NFS_SUPER_MAGIC || kind == SMB_SUPER_MAGIC || kind == smb2) {
        telemetry::log(telemetry::Level::warning, "database",
                       "the data folder is on a network file system: its locks and syncs are not "
                       "to be trusted, use a local disk");
    }
}

bool has_content(const std::filesystem::path& file) {
    std::error_code missing;
    auto bytes = std::filesystem::file_size(file, missing);
    return !missing && bytes > 0;
}

}  // namespace

std::unique_ptr<Connection> SqliteDriver::open(SqliteConnection::Mode mode) const {
    SqliteConnection::Settings settings;
    settings.file = options_->file;
    settings.mode = mode;
    settings.durable = options_->durable;
    settings.scratch = options_->scratch;
    settings.has_checksums = !options_->scratch;
    settings.limits = options_->limits;
    settings.now = options_->steady_now;
    return std::make_unique<SqliteConnection>(settings);
}

std::unique_ptr<Connection> SqliteDriver::open_writer() {
    return open(SqliteConnection::Mode::write);
}

std::unique_ptr<Connection> SqliteDriver::open_reader() {
    return open(SqliteConnection::Mode::read);
}

void SqliteDriver::settle() {
    sync_folder(options_->file);
    warn_of_network_file_system(options_->file.parent_path());
}

std::string SqliteDriver::hint() const {
    // On a full disk SQLite speaks of an I/O error: it cannot even make the files beside its own.
    constexpr std::uintmax_t needed = 1 << 20;
    std::error_code unknown;
    auto space = std::filesystem::space(options_->file.parent_path(), unknown);
    if (unknown || space.available >= needed) return "";
    return " (its disk has less than 1 MiB left: make room, then start again)";
}

std::unique_ptr<Connection> open_sqlite_from_outside(const StoreFile& store, Access access,
                                                     bool has_checksums) {
    SqliteConnection::Settings settings;
    settings.has_checksums = has_checksums;
    settings.durable = store.kind != StoreKind::view;
    settings.file = store.path;
    auto folder = std::filesystem::absolute(store.path).parent_path();
    std::error_code unknown;
    if (!std::filesystem::exists(store.path, unknown)) {
        throw Failure(FailureKind::unopened, store.path.string() + " is not there");
    }
    if (access == Access::unchanging) {
        settings.mode = SqliteConnection::Mode::immutable;
        return std::make_unique<SqliteConnection>(settings);
    }
    // Who reads a write-ahead log keeps an index of it beside it. Where nothing can be written
    // there is none, so the file must be whole without its log; then nobody can change it either.
    bool writable = ::access(folder.c_str(), W_OK) == 0;
    if (!writable) {
        auto log = store.path.string() + "-wal";
        if (has_content(log) && !std::filesystem::exists(store.path.string() + "-shm", unknown)) {
            throw Failure(
                FailureKind::unopened,
                store.path.string() +
                    " was not closed properly: what is in its write-ahead log can only be "
                    "read where files can be written. Copy the folder to such a place");
        }
        if (!has_content(log)) settings.mode = SqliteConnection::Mode::immutable;
    }
    return std::make_unique<SqliteConnection>(settings);
}

std::string sqlite_version() {
    return std::string("SQLite ") + sqlite3_libversion();
}

}  // namespace database
