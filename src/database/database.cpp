#include "database/database.hpp"

#include <cstdlib>
#include <new>
#include <system_error>

#include "driver.hpp"
#include "migrate.hpp"
#include "read_pool.hpp"
#include "scrub.hpp"
#include "telemetry/log.hpp"
#include "writer.hpp"

namespace database {

namespace {

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
    section.duration("checkpoint_wait_max_ms", config.checkpoint_wait_max_ms, {1, 5000},
                     "How long it waits for them at a time; if in vain, the next time is later.");
    section.integer("cache_kib", config.cache_kib, {64, 1 << 24}, "Page cache of each connection.");
    section.integer("query_steps_max", config.query_steps_max, {10000, std::int64_t{1} << 40},
                    "How much work one question may be, in steps of the database's machine (about "
                    "50 million are a second of a processor).");
    section.duration("query_time_max_ms", config.query_time_max_ms, {1, 600000},
                     "How long one question may run on a slow or busy disk.");
    section.integer("scrub_every_h", config.scrub_every_h, {0, 8760},
                    "How often each store is read through for damage; 0: never.");
    section.integer("scrub_pages_per_second", config.scrub_pages_per_second, {1, 1000000},
                    "How fast it is read then, in pages of 4 KiB.");
}

base::Result<std::unique_ptr<Database>> Database::open(Options options) {
    std::string shown = options.file.filename().string();
    if (!options.on_fatal) options.on_fatal = end_process;
    auto shared = std::make_shared<const Options>(std::move(options));
    auto driver = driver_for(shared);
    auto refusal = [&](std::string why) {
        if (why.starts_with(shown + ": ")) why.erase(0, shown.size() + 2);
        return base::Error{
            base::Reason::unavailable, "cannot_open",
            "The database file " + shown + " cannot be used: " + why + driver->hint()};
    };
    try {
        auto writer = driver->open_writer();
        auto migrated = migrate(*writer, shared->migrations);
        if (!migrated) return migrated.error();
        writer->protect();
        driver->settle();

        std::vector<std::unique_ptr<Connection>> readers;
        for (std::int64_t i = 0; i < shared->limits.readers; ++i) {
            readers.push_back(driver->open_reader());
        }
        std::unique_ptr<Database> database(new Database);
        database->options_ = shared;
        database->writer_ = std::make_unique<Writer>(shared, std::move(writer));
        database->read_pool_ = std::make_unique<ReadPool>(shared, std::move(readers));
        if (shared->limits.scrub_every_h > 0) {
            database->scrub_ = std::make_unique<Scrub>(shared, driver->open_reader());
        }
        database->add_gauges();
        return database;
    } catch (const Failure& failure) {
        return refusal(failure.what());
    } catch (const std::bad_alloc&) {
        return refusal("there is not enough memory");
    } catch (const std::system_error& error) {
        return refusal("a thread cannot be started (" + error.code().message() + ")");
    }
}

void Database::add_gauges() {
    if (!options_->metrics) return;
    auto add = [this](const char* name, const char* help, std::function<double()> read) {
        telemetry::Labels labels{{"file", options_->name}};
        gauges_.push_back(options_->metrics->gauge(name, help, labels, std::move(read)));
    };
    add("portal_database_write_queue", "Commands that wait for the writer.",
        [this] { return static_cast<double>(writer_->queued()); });
    add("portal_database_read_queue", "Questions that wait for a reader.",
        [this] { return static_cast<double>(read_pool_->queued()); });
    add("portal_database_oldest_reader_seconds",
        "How long the oldest question that is being answered has held its snapshot.",
        [this] { return read_pool_->oldest_reader().count(); });
    add("portal_database_wal_bytes", "Size of the write-ahead log that counts.",
        [this] { return static_cast<double>(writer_->journal_bytes()); });
    add("portal_database_wal_stuck",
        "1 while the write-ahead log is past its limit and somebody who reads keeps it there.",
        [this] { return wal_stuck() ? 1.0 : 0.0; });
}

Database::~Database() {
    gauges_.clear();
    // Readers first: the writer's last checkpoint wants nobody else in the file.
    scrub_.reset();
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

bool Database::wal_stuck() const {
    return writer_->journal_stuck();
}

std::string Database::warning() const {
    auto damage = scrub_ ? scrub_->warning() : std::string();
    if (!damage.empty()) return damage;
    if (!wal_stuck()) return "";
    return "somebody reads an old state of the store " + name() +
           " for so long that its write-ahead log grows past its limit";
}

}  // namespace database
