#include "database/database.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdlib>

#include "read_pool.hpp"
#include "telemetry/log.hpp"
#include "writer.hpp"

namespace database {

namespace {

/// A new file's name is in its folder only once the folder is on the disk.
void sync_folder(const std::filesystem::path& folder) {
    int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw Failure(SQLITE_CANTOPEN, "cannot open the folder of a database");
    int result = ::fsync(descriptor);
    ::close(descriptor);
    if (result != 0) throw Failure(SQLITE_IOERR_DIR_FSYNC, "cannot sync the folder of a database");
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

/// On a full disk SQLite speaks of an I/O error: it cannot even make the files beside its own.
std::string said_of_disk(const std::filesystem::path& file) {
    constexpr std::uintmax_t needed = 1 << 20;
    std::error_code unknown;
    auto space = std::filesystem::space(file.parent_path(), unknown);
    if (unknown || space.available >= needed) return "";
    return " (its disk has less than 1 MiB left: make room, then start again)";
}

void end_process(const std::string& why) {
    telemetry::log(telemetry::Level::critical, "database",
                   "the storage cannot be trusted any more, so the server ends; nothing was "
                   "acknowledged that is not on the disk",
                   {{"error", why}});
    telemetry::stop_log();
    std::_Exit(1);
}

}  // namespace

void describe(config::Section& section, Config& config) {
    section.integer("readers", config.readers, {1, 64}, "Reader threads of each database file.");
    section.integer("write_queue_max", config.write_queue_max, {1, 1000000},
                    "Commands that may wait for a file's writer; more are answered 503.");
    section.integer("read_queue_max", config.read_queue_max, {1, 1000000},
                    "Questions that may wait for a file's readers; more are answered 503.");
    section.integer("batch_commands_max", config.batch_commands_max, {1, 100000},
                    "Commands that are committed together at most.");
    section.integer("batch_bytes_max", config.batch_bytes_max, {4096, 1 << 30},
                    "About how many bytes are committed together at most.");
    section.integer("checkpoint_bytes", config.checkpoint_bytes, {65536, 1 << 30},
                    "Size of the write-ahead log from which it is moved into the file.");
    section.integer(
        "wal_bytes_max", config.wal_bytes_max, {1 << 20, std::int64_t{1} << 34},
        "Size of the write-ahead log from which the writer waits for readers to move it.");
    section.integer("cache_kib", config.cache_kib, {64, 1 << 24}, "Page cache of each connection.");
    section.integer("query_steps_max", config.query_steps_max, {100000, std::int64_t{1} << 40},
                    "How much work one question may be, in instructions of SQLite: the same on "
                    "every machine, busy or not.");
    section.duration("query_time_max_ms", config.query_time_max_ms, {1, 600000},
                     "How long one question may run all the same, if the disk is slow.");
}

base::Result<std::unique_ptr<Database>> Database::open(Options options) {
    std::string shown = options.file.filename().string();
    if (!options.on_fatal) options.on_fatal = end_process;
    auto shared = std::make_shared<const Options>(std::move(options));
    try {
        auto writer = std::make_unique<Connection>(shared->file, Connection::Mode::write,
                                                   shared->durable, shared->limits.cache_kib);
        auto migrated = migrate(*writer, shared->migrations);
        if (!migrated) return migrated.error();
        sync_folder(shared->file.parent_path());
        warn_of_network_file_system(shared->file.parent_path());

        std::vector<std::unique_ptr<Connection>> readers;
        for (std::int64_t i = 0; i < shared->limits.readers; ++i) {
            readers.push_back(std::make_unique<Connection>(
                shared->file, Connection::Mode::read, shared->durable, shared->limits.cache_kib));
        }
        std::unique_ptr<Database> database(new Database);
        database->options_ = shared;
        database->writer_ = std::make_unique<Writer>(shared, std::move(writer));
        database->read_pool_ = std::make_unique<ReadPool>(shared, std::move(readers));
        if (shared->metrics) {
            telemetry::Labels labels{{"file", shared->name}};
            auto* opened = database.get();
            database->gauges_.push_back(shared->metrics->gauge(
                "portal_database_write_queue", "Commands that wait for the writer.", labels,
                [opened] { return static_cast<double>(opened->writer_->queued()); }));
            database->gauges_.push_back(shared->metrics->gauge(
                "portal_database_read_queue", "Questions that wait for a reader.", labels,
                [opened] { return static_cast<double>(opened->read_pool_->queued()); }));
        }
        return database;
    } catch (const Failure& failure) {
        return base::Error{base::Reason::unavailable, "cannot_open",
                           "The database file " + shown + " cannot be used: " + failure.what() +
                               said_of_disk(shared->file)};
    }
}

Database::~Database() {
    gauges_.clear();
    // Readers first: the writer's last checkpoint wants nobody else in the file.
    read_pool_.reset();
    writer_.reset();
}

void Database::enqueue(std::unique_ptr<detail::WriteJob> job) {
    writer_->enqueue(std::move(job));
}

void Database::enqueue(std::unique_ptr<detail::ReadJob> job) {
    read_pool_->enqueue(std::move(job));
}

const std::string& Database::name() const {
    return options_->name;
}

bool Database::writable() const {
    return writer_->writable();
}

}  // namespace database
