#include "writer.hpp"

#include <sqlite3.h>

#include "telemetry/log.hpp"

namespace database {

namespace {

constexpr std::int64_t page_bytes = 4096;

base::Error refusal(const Failure& failure) {
    if (failure.is_full()) {
        return {base::Reason::unavailable, "storage_full",
                "The server's disk is full: nothing can be written. Reading still works."};
    }
    return {base::Reason::unavailable, "write_failed",
            "The change could not be made durable; whether it was is unknown. Try again with the "
            "same Idempotency-Key."};
}

int remember_wal_pages(void* target, sqlite3*, const char*, int pages) {
    *static_cast<std::int64_t*>(target) = pages;
    return SQLITE_OK;
}

}  // namespace

Writer::Writer(std::shared_ptr<const Options> options, std::unique_ptr<Connection> connection)
    : options_(std::move(options)), connection_(std::move(connection)) {
    if (auto* metrics = options_->metrics) {
        telemetry::Labels labels{{"file", options_->name}};
        commits_ = &metrics->counter("portal_database_commits_total", "Group commits.", labels);
        commands_ = &metrics->counter("portal_database_commands_total",
                                      "Commands carried out, also refused ones.", labels);
        commit_seconds_ = &metrics->histogram("portal_database_commit_seconds",
                                              "From BEGIN to the end of COMMIT.", labels);
    }
    sqlite3_wal_hook(connection_->handle(), remember_wal_pages, &wal_pages_);
    thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

std::size_t Writer::queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
}

void Writer::enqueue(std::unique_ptr<detail::WriteJob> job) {
    {
        std::lock_guard lock(mutex_);
        auto most = static_cast<std::size_t>(options_->limits.write_queue_max);
        if (!stopping_ && queue_.size() < most) {
            queue_.push_back(std::move(job));
            if (queue_.size() == 1) wake_.notify_one();
            return;
        }
    }
    job->refuse({base::Reason::unavailable, "overloaded",
                 "Too many changes are waiting to be written. Try again in a moment."});
    job->answer();
}

Writer::Batch Writer::take() {
    Batch batch;
    std::size_t bytes = 0;
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    while (!queue_.empty() &&
           batch.size() < static_cast<std::size_t>(options_->limits.batch_commands_max) &&
           bytes < static_cast<std::size_t>(options_->limits.batch_bytes_max)) {
        bytes += queue_.front()->bytes;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batch;
}

void Writer::loop() {
    for (;;) {
        auto batch = take();
        if (batch.empty()) break;
        carry_out(batch);
        batch.clear();
        // After the answers: a checkpoint costs two fsyncs that nobody needs to wait for.
        checkpoint(false);
    }
    checkpoint(true);
}

void Writer::carry_out(Batch& batch) {
    auto started = std::chrono::steady_clock::now();
    Transaction transaction(*connection_);
    try {
        connection_->prepare("begin immediate").run();
        std::size_t effects = 0;
        std::size_t undos = 0;
        for (auto& job : batch) {
            if (job->deadline.passed()) {
                job->refuse(base::deadline_passed());
            } else {
                run(*job, transaction, effects, undos);
            }
        }
        connection_->prepare("commit").run();
        writable_.store(true, std::memory_order_relaxed);
    } catch (const Failure& failure) {
        lose(batch, transaction, failure);
    }
    for (auto& effect : transaction.effects_) effect();
    if (commits_) {
        commits_->add();
        commands_->add(batch.size());
        commit_seconds_->observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    }
    for (auto& job : batch) job->answer();
}

void Writer::run(detail::WriteJob& job, Transaction& transaction, std::size_t& kept_effects,
                 std::size_t& kept_undos) {
    connection_->prepare("savepoint command").run();
    bool kept = false;
    try {
        kept = job.run(transaction);
    } catch (const Failure& failure) {
        // Some failures make SQLite roll back the whole transaction by itself.
        bool batch_lost = sqlite3_get_autocommit(connection_->handle()) != 0;
        if (batch_lost || failure.is_fatal() || failure.is_full()) throw;
        job.fail(std::current_exception());
    } catch (...) {
        job.fail(std::current_exception());
    }
    if (!kept) {
        connection_->prepare("rollback to command").run();
        for (auto i = transaction.undos_.size(); i > kept_undos; --i) transaction.undos_[i - 1]();
        transaction.undos_.resize(kept_undos);
        transaction.effects_.resize(kept_effects);
    }
    connection_->prepare("release command").run();
    kept_undos = transaction.undos_.size();
    kept_effects = transaction.effects_.size();
}

void Writer::lose(Batch& batch, Transaction& transaction, const Failure& failure) {
    telemetry::log(
        telemetry::Level::error, "database", "a batch could not be committed",
        {{"file", options_->name}, {"error", failure.what()}, {"commands", batch.size()}});
    writable_.store(false, std::memory_order_relaxed);
    transaction.effects_.clear();
    for (auto& job : batch) job->refuse(refusal(failure));
    if (failure.is_fatal()) {
        // No retry of an fsync: the kernel may have thrown the pages away and would say yes.
        options_->on_fatal(options_->name + ": " + failure.what());
    }
    if (sqlite3_get_autocommit(connection_->handle()) == 0) {
        try {
            connection_->prepare("rollback").run();
        } catch (const Failure& second) {
            options_->on_fatal(options_->name + ": rollback: " + second.what());
        }
    }
    for (auto i = transaction.undos_.size(); i > 0; --i) transaction.undos_[i - 1]();
}

void Writer::checkpoint(bool idle) {
    bool large = wal_pages_ * page_bytes >= options_->limits.checkpoint_bytes;
    if (!large && !idle) return;
    bool over = wal_pages_ * page_bytes >= options_->limits.wal_bytes_max;
    // PASSIVE never waits for readers. Past the limit it must: readers have a time limit, so
    // this ends; without it the WAL would grow for as long as somebody reads.
    int mode = over || idle ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    int in_wal = 0;
    int moved = 0;
    int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr, mode, &in_wal, &moved);
    if (code == SQLITE_OK) {
        if (moved == in_wal) wal_pages_ = 0;
        return;
    }
    if ((code & 0xff) == SQLITE_BUSY) return;
    Failure failure(code, sqlite3_errmsg(connection_->handle()));
    if (failure.is_fatal()) {
        options_->on_fatal(options_->name + ": checkpoint: " + failure.what());
    }
    telemetry::log(telemetry::Level::warning, "database", "a checkpoint failed",
                   {{"file", options_->name}, {"error", failure.what()}});
}

}  // namespace database
