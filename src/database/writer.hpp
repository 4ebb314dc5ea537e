#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "condition.hpp"
#include "driver.hpp"

namespace database {

/// The one thread that commits, and keeps house in a store. It takes what queued while the last
/// COMMIT was on its way to the disk, gives each command a SAVEPOINT unless it is the only one,
/// commits them together, and answers all of them after the COMMIT returned.
class Writer {
public:
    /// `condition` outlives it.
    Writer(std::shared_ptr<const Options> options, Condition& condition);
    ~Writer();

    /// Throws std::system_error if there is no thread to be had.
    void begin(std::unique_ptr<Connection> connection);
    /// What is queued is still carried out, then the log is checkpointed, unless the store is not
    /// open any more; what comes from now on is refused.
    void end();

    /// Any thread. Refuses the job itself when the queue is full.
    void enqueue(std::unique_ptr<detail::WriteJob> job);
    std::size_t queued() const;
    bool writable() const { return writable_.load(std::memory_order_relaxed); }
    std::int64_t journal_bytes() const;
    bool journal_stuck() const;

private:
    using Batch = std::vector<std::unique_ptr<detail::WriteJob>>;

    void loop();
    Batch take();
    bool is_in_place();
    void look_for_room();
    void carry_out(Batch& batch);
    void carry_out_alone(detail::WriteJob& job, Transaction& transaction);
    void commit();
    void carry_out_together(Batch& batch, Transaction& transaction);
    /// False: the command was refused or broke down, and nothing of it may stay. Throws when the
    /// whole batch is lost.
    bool run(detail::WriteJob& job, Transaction& transaction);
    /// How much of what a batch has put off belongs to commands that stay.
    struct Kept {
        std::size_t effects = 0;
        std::size_t undos = 0;
    };
    static void take_back(Transaction& transaction, Kept kept);
    void lose(Batch& batch, Transaction& transaction, const Failure& failure);
    base::Error refusal(const Failure& failure) const;
    void keep_house(bool closing);

    std::shared_ptr<const Options> options_;
    Condition& condition_;
    std::unique_ptr<Connection> connection_;
    telemetry::Counter* commits_ = nullptr;
    telemetry::Counter* commands_ = nullptr;
    telemetry::Histogram* commit_seconds_ = nullptr;
    telemetry::Histogram* sync_seconds_ = nullptr;
    std::atomic<bool> writable_{true};

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<detail::WriteJob>> queue_;
    bool stopping_ = true;
    std::thread thread_;
};

}  // namespace database
