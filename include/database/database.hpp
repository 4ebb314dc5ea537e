#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "config/section.hpp"
#include "database/job.hpp"
#include "database/migrations.hpp"
#include "database/transaction.hpp"
#include "telemetry/metrics.hpp"

namespace database {

/// Limits of one store; every module instance has stores of its own.
struct Config {
    std::int64_t readers = 2;
    std::int64_t write_queue_max = 4096;
    std::int64_t read_queue_max = 4096;
    std::int64_t batch_commands_max = 512;
    std::int64_t batch_bytes_max = 1024 * 1024;
    std::int64_t checkpoint_bytes = 4 * 1024 * 1024;
    std::int64_t wal_bytes_max = 64 * 1024 * 1024;
    std::chrono::milliseconds checkpoint_wait_max_ms{250};
    std::int64_t cache_kib = 2048;
    std::int64_t query_steps_max = 20'000'000;
    std::chrono::milliseconds query_time_max_ms{5000};
    std::int64_t scrub_every_h = 24;
    std::int64_t scrub_pages_per_second = 1000;
};

void describe(config::Section& section, Config& config);

/// A clock that no one sets back; tests pass one of their own.
using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;

/// Which store, and how it is to be kept.
struct Options {
    std::filesystem::path file;
    std::string name;     ///< in logs and metrics: `news-sports.command`
    bool durable = true;  ///< synchronous=FULL; NORMAL only for what a rebuild restores
    /// See ScratchStore: no write-ahead log, no checksums, nothing waits for the disk.
    bool scratch = false;
    std::vector<MigrationSet> migrations;
    Config limits{};
    telemetry::Metrics* metrics = nullptr;
    /// For pauses between attempts; deadlines have a clock of their own.
    SteadyNow steady_now = [] { return std::chrono::steady_clock::now(); };
    /// When the store is first read through after it was opened; then every `scrub_every_h`.
    std::chrono::milliseconds scrub_after = std::chrono::minutes(1);
    /// The file cannot be trusted any more (I/O error, corruption). The default says why in the
    /// log and ends the process with exit code 1: what was not acknowledged is not promised.
    std::function<void(const std::string&)> on_fatal{};
};

class Writer;
class ReadPool;
class Scrub;

/// One store: a writer thread that does every commit and all housekeeping, with group commit, and a
/// small pool of reader threads. Both have bounded queues; a full one refuses at once with
/// `unavailable`. Which engine keeps the store is the options' business and shows nowhere else
/// (src/database/driver.hpp). Thread-safe.
class Database {
public:
    /// Opens, checks and migrates; nothing is changed when it is refused. Refused with code
    /// `newer_data` when the store has steps that this binary does not know, with
    /// `changed_migration` when a recorded step had another text, and with `cannot_open` and a
    /// sentence that names the store and the first reason if it cannot be opened.
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
    /// False while the disk is full: /readyz says so.
    bool writable() const;
    /// True while the write-ahead log is past its limit and somebody who reads an old state, a
    /// process from outside most likely, keeps it there: changes go on, and the disk fills.
    bool wal_stuck() const;
    /// What the operator should know though everything is served, in a sentence; empty: nothing.
    std::string warning() const;

private:
    Database() = default;
    void add_gauges();
    void enqueue(std::unique_ptr<detail::WriteJob> job);
    void enqueue(std::unique_ptr<detail::ReadJob> job);

    std::shared_ptr<const Options> options_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<ReadPool> read_pool_;
    std::unique_ptr<Scrub> scrub_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace database
