#include "database/database.hpp"

#include <cstdlib>
#include <new>
#include <system_error>
#include <tuple>

#include "condition.hpp"
#include "driver.hpp"
#include "migrate.hpp"
#include "read_pool.hpp"
#include "scrub.hpp"
#include "set_aside.hpp"
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

Database::Database(Options options) {
    if (!options.on_fatal) options.on_fatal = end_process;
    options_ = std::make_shared<const Options>(std::move(options));
    condition_ = std::make_unique<Condition>(options_);
    writer_ = std::make_unique<Writer>(options_, *condition_);
    read_pool_ = std::make_unique<ReadPool>(options_, *condition_);
}

base::Result<std::unique_ptr<Database>> Database::open(Options options) {
    std::unique_ptr<Database> database(new Database(std::move(options)));
    base::Result<void> begun;
    try {
        begun = database->begin();
    } catch (const Failure& failure) {
        begun = database->begin_without(failure);
    } catch (const std::bad_alloc&) {
        begun = database->refusal("there is not enough memory");
    } catch (const std::system_error& error) {
        begun = database->refusal("a thread cannot be started (" + error.code().message() + ")");
    }
    if (!begun) return begun.error();
    database->add_gauges();
    return database;
}

base::Error Database::refusal(std::string why) const {
    auto shown = options_->file.filename().string();
    if (why.starts_with(shown + ": ")) why.erase(0, shown.size() + 2);
    return {
        base::Reason::unavailable, "cannot_open",
        "The database file " + shown + " cannot be used: " + why + driver_for(options_)->hint()};
}

base::Result<void> Database::begin() {
    auto driver = driver_for(options_);
    auto writer = driver->open_writer();
    auto migrated = migrate(*writer, options_->migrations);
    if (!migrated) return migrated;
    writer->protect();
    driver->settle();

    std::vector<std::unique_ptr<Connection>> readers;
    for (std::int64_t i = 0; i < options_->limits.readers; ++i) {
        readers.push_back(driver->open_reader());
    }
    writer_->begin(std::move(writer));
    read_pool_->begin(std::move(readers));
    if (options_->limits.scrub_every_h > 0) {
        replace_scrub(std::make_shared<Scrub>(options_, driver->open_reader(), *condition_));
    }
    condition_->open();
    return {};
}

void Database::replace_scrub(std::shared_ptr<Scrub> next) {
    {
        std::lock_guard lock(mutex_);
        std::swap(scrub_, next);
    }
    // The one before ends here, and nobody waits for that.
}

std::shared_ptr<Scrub> Database::scrub() const {
    std::lock_guard lock(mutex_);
    return scrub_;
}

/// What the options want of a file that cannot be used, unless it is no fault of that file.
base::Result<void> Database::begin_without(const Failure& failure) {
    std::error_code unknown;
    bool has_folder = std::filesystem::is_directory(options_->file.parent_path(), unknown);
    bool of_file = has_folder && failure.is_fatal() && failure.kind() != FailureKind::sync &&
                   driver_for(options_)->hint().empty();
    if (!of_file || options_->if_unusable == IfUnusable::refuse) return refusal(failure.what());
    condition_->fail(failure);
    // Who can make it anew tries again.
    if (options_->if_unusable == IfUnusable::set_aside) std::ignore = begin_anew();
    return {};
}

base::Result<void> Database::begin_anew() {
    replace_scrub(nullptr);
    read_pool_->end();
    writer_->end();
    base::Result<void> begun;
    try {
        set_aside(options_->file);
        begun = begin();
    } catch (const std::exception& failure) {
        begun = refusal(failure.what());
    }
    if (!begun) condition_->fail(Failure(FailureKind::unopened, begun.error().message));
    return begun;
}

base::Task<void> Database::renew() {
    auto start = [this](base::Completion<void> completion) {
        if (renewal_.joinable()) renewal_.join();
        auto work = [this, done = std::move(completion)]() mutable { done(begin_anew()); };
        try {
            renewal_ = std::thread(std::move(work));
        } catch (const std::system_error&) {
            // There is none to be had: whoever waits is answered by the completion's own end.
        }
    };
    co_return co_await base::suspend<void>(std::move(start));
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
    gauges_.push_back(options_->metrics->gauge(
        "portal_database_out", "1 while the store is out, or takes no changes any more.",
        {{"store", options_->name}}, [this] { return state() == State::open ? 0.0 : 1.0; }));
}

Database::~Database() {
    gauges_.clear();
    if (renewal_.joinable()) renewal_.join();
    // Readers first: the writer's last checkpoint wants nobody else in the file.
    replace_scrub(nullptr);
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

Database::State Database::state() const {
    return condition_->state();
}

base::Result<void> Database::usable() const {
    return condition_->readable();
}

bool Database::writable() const {
    return condition_->is_open() && writer_->writable();
}

bool Database::wal_stuck() const {
    return writer_->journal_stuck();
}

std::string Database::warning() const {
    if (auto why = condition_->why(); !why.empty()) {
        bool is_out = state() == State::out;
        return "the store " + name() + (is_out ? " is out: " : " takes no changes any more: ") +
               why;
    }
    auto scrub = this->scrub();
    auto damage = scrub ? scrub->warning() : std::string();
    if (!damage.empty()) return damage;
    if (!wal_stuck()) return "";
    return "somebody reads an old state of the store " + name() +
           " for so long that its write-ahead log grows past its limit";
}

}  // namespace database
