#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "database/failure.hpp"
#include "database/job.hpp"
#include "database/options.hpp"
#include "database/transaction.hpp"
#include "telemetry/metrics.hpp"

namespace database {

class Condition;
class Writer;
class ReadPool;
class Scrub;

/// One store: a writer thread that does every commit and all housekeeping, with group commit, and a
/// small pool of reader threads. Both have bounded queues; a full one refuses at once with
/// `unavailable`. Which engine keeps the store is the options' business and shows nowhere else
/// (src/database/driver.hpp). Thread-safe.
///
/// A store whose file turns out to be damaged, or fails to be read or written, goes *out*: from
/// then on it refuses whatever it is asked, by itself and at once, and nobody else is touched.
class Database {
public:
    enum class State { open, read_only, out };

    /// Opens, checks and migrates; nothing is changed when it is refused. Refused with code
    /// `newer_data` when the store has steps that this binary does not know, with
    /// `changed_migration` when a recorded step had another text, and with `cannot_open` and a
    /// sentence that names the store and the first reason if it cannot be opened; of a file that
    /// is damaged or cannot be read Options::if_unusable may want something else.
    static base::Result<std::unique_ptr<Database>> open(Options options);
    /// Commands that are queued are still carried out; then the log is checkpointed.
    ~Database();
    Database(const Database&) = delete;

    /// Queues `work`, called as `base::Result<T>(Transaction&)` on the writer thread. The task ends
    /// after the COMMIT; a refusal, or an exception, rolls this command back and leaves the others
    /// of its batch alone. Refused by `unavailable` (queue full, disk full, commit failed: the
    /// outcome is then unknown) or `deadline` (it passed while queued: nothing was done). `bytes`:
    /// about how much it writes.
    template <class T, class Work>
    base::Task<T> write(base::Deadline deadline, std::size_t bytes, Work work) {
        auto start = [this, deadline, bytes, moved = std::move(work)](auto completion) mutable {
            auto job = std::make_unique<detail::WriteJobOf<T, Work>>(std::move(moved),
                                                                     std::move(completion));
            job->deadline = deadline;
            job->bytes = bytes;
            enqueue(std::move(job));
        };
        auto carried = co_await base::suspend<detail::Carried<T>>(std::move(start));
        if (!carried) co_return carried.error();
        if (carried->failure) std::rethrow_exception(carried->failure);
        co_return std::move(*carried->result);
    }

    /// Queues `work`, called as `base::Result<T>(ReadTransaction&)` on a reader thread, in one read
    /// transaction. Refused by `unavailable` (queue full) or `deadline` (passed while queued, or
    /// the question did more work or took more time than it may).
    template <class T, class Work>
    base::Task<T> read(base::Deadline deadline, Work work) {
        auto start = [this, deadline, moved = std::move(work)](auto completion) mutable {
            auto job = std::make_unique<detail::ReadJobOf<T, Work>>(std::move(moved),
                                                                    std::move(completion));
            job->deadline = deadline;
            enqueue(std::move(job));
        };
        auto carried = co_await base::suspend<detail::Carried<T>>(std::move(start));
        if (!carried) co_return carried.error();
        if (carried->failure) std::rethrow_exception(carried->failure);
        co_return std::move(*carried->result);
    }

    const std::string& name() const;
    State state() const;
    /// Refused as every question is while the store is out: with `store_damaged` or
    /// `store_unreadable` (unavailable) and a sentence that names it. `store_read_only` is what
    /// only changes are refused with, see IfSyncFails.
    base::Result<void> usable() const;
    /// Of a store that can be made anew, out or not: keeps its files under another name, the last
    /// few of them, and begins with an empty one. What is under way ends first. One at a time.
    /// Refused with `cannot_open`; then it is out.
    base::Task<void> renew();
    /// False while the disk is full, or the state is not `open`.
    bool writable() const;
    /// True while the write-ahead log is past its limit and somebody who reads an old state, a
    /// process from outside most likely, keeps it there: changes go on, and the disk fills.
    bool wal_stuck() const;
    /// What the operator should know though everything is served, in a sentence; empty: nothing.
    std::string warning() const;

private:
    explicit Database(Options options);
    base::Result<void> begin();
    base::Result<void> begin_without(const Failure& failure);
    base::Result<void> begin_anew();
    base::Error refusal(std::string why) const;
    void replace_scrub(std::shared_ptr<Scrub> next);
    std::shared_ptr<Scrub> scrub() const;
    void add_gauges();
    void enqueue(std::unique_ptr<detail::WriteJob> job);
    void enqueue(std::unique_ptr<detail::ReadJob> job);

    std::shared_ptr<const Options> options_;
    std::unique_ptr<Condition> condition_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<ReadPool> read_pool_;
    std::thread renewal_;
    mutable std::mutex mutex_;
    std::shared_ptr<Scrub> scrub_;  ///< whoever uses it holds it: a renewal makes another
    std::vector<telemetry::Metrics::Registration> gauges_;
};

/// Whether something was refused because a store is out, whoever it belongs to.
bool is_out(const base::Error& error);
/// For what is read at the start: without a store that is out one goes on all the same.
base::Result<void> unless_out(base::Result<void> loaded);

}  // namespace database
