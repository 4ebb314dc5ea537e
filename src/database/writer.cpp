#include "writer.hpp"

#include <new>

#include "base/thread.hpp"
#include "telemetry/log.hpp"

namespace database {

namespace {

/// How long a store that could not be written waits for somebody who tries, before it tries itself.
constexpr std::chrono::seconds unwritable_wait{1};

}  // namespace

Writer::Writer(std::shared_ptr<const Options> options, Condition& condition)
    : options_(std::move(options)), condition_(condition) {
    if (auto* metrics = options_->metrics) {
        telemetry::Labels labels{{"file", options_->name}};
        commits_ = &metrics->counter("portal_database_commits_total", "Group commits.", labels);
        commands_ = &metrics->counter("portal_database_commands_total",
                                      "Commands carried out, also refused ones.", labels);
        commit_seconds_ = &metrics->histogram("portal_database_commit_seconds",
                                              "From BEGIN to the end of COMMIT.", labels);
        sync_seconds_ = &metrics->histogram("portal_database_sync_seconds",
                                            "COMMIT alone, which waits for the disk.", labels);
    }
}

Writer::~Writer() {
    end();
}

void Writer::begin(std::unique_ptr<Connection> connection) {
    std::lock_guard lock(mutex_);
    connection_ = std::move(connection);
    thread_ = std::thread([this] { loop(); });
    stopping_ = false;
    writable_.store(true, std::memory_order_relaxed);
}

void Writer::end() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    std::lock_guard lock(mutex_);
    if (connection_ && !condition_.is_open()) connection_->leave_files();
    connection_.reset();
}

std::int64_t Writer::journal_bytes() const {
    std::lock_guard lock(mutex_);
    return connection_ ? connection_->journal_bytes() : 0;
}

bool Writer::journal_stuck() const {
    std::lock_guard lock(mutex_);
    return connection_ && connection_->journal_stuck();
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
    auto writable = condition_.writable();
    job->refuse(writable ? base::Error{base::Reason::unavailable, "overloaded",
                                       "Too many changes are waiting to be written. Try again in a "
                                       "moment."}
                         : writable.error());
    job->answer();
}

Writer::Batch Writer::take() {
    Batch batch;
    std::size_t bytes = 0;
    std::unique_lock lock(mutex_);
    auto has_work = [this] { return stopping_ || !queue_.empty(); };
    while (!has_work()) {
        if (writable() || !condition_.is_open()) {
            wake_.wait(lock, has_work);
        } else if (!wake_.wait_for(lock, unwritable_wait, has_work)) {
            lock.unlock();
            look_for_room();
            lock.lock();
        }
    }
    while (!queue_.empty() &&
           batch.size() < static_cast<std::size_t>(options_->limits.batch_commands_max) &&
           bytes < static_cast<std::size_t>(options_->limits.batch_bytes_max)) {
        bytes += queue_.front()->bytes;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return batch;
}

/// Nobody asks for a change of a server that is not ready, and it is not ready before a change has
/// been written.
void Writer::look_for_room() {
    try {
        connection_->check_place();
        connection_->try_writing();
        writable_.store(true, std::memory_order_relaxed);
    } catch (const Failure& failure) {
        bool is_rolled_back = connection_->rollback();
        if (failure.is_fatal() || !is_rolled_back) condition_.fail(failure);
    }
}

void Writer::loop() {
    base::name_thread("writer");
    for (;;) {
        auto batch = take();
        if (batch.empty()) break;
        if (condition_.may_be_back() && is_in_place()) condition_.is_back();
        auto writable = condition_.writable();
        if (writable) {
            carry_out(batch);
        } else {
            for (auto& job : batch) job->refuse(writable.error());
        }
        for (auto& job : batch) job->answer();
        batch.clear();
        // After the answers: a checkpoint costs two fsyncs that nobody needs to wait for.
        if (condition_.is_open()) keep_house(false);
    }
    if (condition_.is_open()) keep_house(true);
}

bool Writer::is_in_place() {
    try {
        connection_->check_place();
        return true;
    } catch (const Failure&) {
        return false;
    }
}

void Writer::carry_out(Batch& batch) {
    auto started = std::chrono::steady_clock::now();
    Transaction transaction(*connection_);
    try {
        connection_->check_place();
        connection_->begin_write();
        if (batch.size() == 1) {
            carry_out_alone(*batch.front(), transaction);
        } else {
            carry_out_together(batch, transaction);
        }
        writable_.store(true, std::memory_order_relaxed);
    } catch (const Failure& failure) {
        lose(batch, transaction, failure);
    } catch (const std::bad_alloc&) {
        lose(batch, transaction, {FailureKind::memory, "there is not enough memory"});
    }
    for (auto& effect : transaction.effects_) effect();
    if (commits_) {
        commits_->add();
        commands_->add(batch.size());
        commit_seconds_->observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    }
}

/// Nobody else's work has to stay when this is rolled back. A SAVEPOINT is dear: the engine keeps a
/// copy of every page that is changed behind it.
void Writer::carry_out_alone(detail::WriteJob& job, Transaction& transaction) {
    if (run(job, transaction)) {
        commit();
        return;
    }
    if (!connection_->rollback()) {
        throw Failure(FailureKind::other, options_->name + ": a command cannot be rolled back");
    }
    take_back(transaction, {});
}

void Writer::carry_out_together(Batch& batch, Transaction& transaction) {
    Kept kept;
    for (auto& job : batch) {
        connection_->open_savepoint();
        if (!run(*job, transaction)) {
            connection_->undo_savepoint();
            take_back(transaction, kept);
        }
        connection_->keep_savepoint();
        kept = {transaction.effects_.size(), transaction.undos_.size()};
    }
    commit();
}

void Writer::commit() {
    auto started = std::chrono::steady_clock::now();
    connection_->commit();
    if (!sync_seconds_) return;
    sync_seconds_->observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
}

bool Writer::run(detail::WriteJob& job, Transaction& transaction) {
    if (job.deadline.passed()) {
        job.refuse(base::deadline_passed());
        return false;
    }
    try {
        return job.run(transaction);
    } catch (const Failure& failure) {
        // Some failures make an engine roll back the whole transaction by itself.
        bool batch_lost = !connection_->in_transaction();
        if (batch_lost || failure.is_fatal() || failure.is_full()) throw;
        job.fail(std::current_exception());
    } catch (...) {
        job.fail(std::current_exception());
    }
    return false;
}

void Writer::take_back(Transaction& transaction, Kept kept) {
    auto& undos = transaction.undos_;
    for (auto i = undos.size(); i > kept.undos; --i) undos[i - 1]();
    undos.resize(kept.undos);
    transaction.effects_.resize(kept.effects);
}

void Writer::lose(Batch& batch, Transaction& transaction, const Failure& failure) {
    telemetry::log(
        telemetry::Level::error, "database", "a batch could not be committed",
        {{"file", options_->name}, {"error", failure.what()}, {"commands", batch.size()}});
    writable_.store(false, std::memory_order_relaxed);
    for (auto& job : batch) job->refuse(refusal(failure));
    // The first reason is the one to be said, whatever fails after it. No retry of an fsync: the
    // kernel may have thrown the pages away and would say yes.
    bool is_rolled_back = connection_->rollback();
    if (failure.is_fatal()) {
        condition_.fail(failure);
    } else if (!is_rolled_back) {
        condition_.fail({FailureKind::io, failure.what()});
    }
    take_back(transaction, {});
}

base::Error Writer::refusal(const Failure& failure) const {
    if (failure.is_full()) {
        return {base::Reason::unavailable, "storage_full",
                "The server's disk is full: nothing can be written. Reading still works."};
    }
    // Of what was never written nothing is unknown.
    bool never = failure.is_damage() || failure.kind() == FailureKind::unopened;
    if (never) return condition_.refusal(failure);
    return {base::Reason::unavailable, "write_failed",
            "The change could not be made durable; whether it was is unknown. Try again with the "
            "same Idempotency-Key."};
}

void Writer::keep_house(bool closing) {
    try {
        connection_->keep_house(closing);
    } catch (const Failure& failure) {
        if (failure.is_fatal()) {
            condition_.fail({failure.kind(), std::string(failure.what()) + " (in a checkpoint)"});
            return;
        }
        telemetry::log(telemetry::Level::warning, "database", "a checkpoint failed",
                       {{"file", options_->name}, {"error", failure.what()}});
    }
}

}  // namespace database
