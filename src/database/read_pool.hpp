#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "condition.hpp"
#include "driver.hpp"

namespace database {

/// A few threads, each with a read-only connection, and one bounded queue: a bulkhead, so that a
/// slow question of one module never takes the threads of another.
class ReadPool {
public:
    /// `condition` outlives it.
    ReadPool(std::shared_ptr<const Options> options, Condition& condition)
        : options_(std::move(options)), condition_(condition) {}
    ~ReadPool();

    /// A thread for each of them. Throws std::system_error if they cannot be had; then it is as
    /// before.
    void begin(std::vector<std::unique_ptr<Connection>> connections);
    /// What is queued ends first; what comes from now on is refused.
    void end();
    void enqueue(std::unique_ptr<detail::ReadJob> job);
    std::size_t queued() const;
    /// How long the oldest snapshot that is open has been open.
    std::chrono::duration<double> oldest_reader() const;

private:
    using Moment = std::chrono::steady_clock::time_point;

    /// A thread's connection, and since when it reads; the beginning of time: it does not.
    struct Reader {
        std::unique_ptr<Connection> connection;
        std::atomic<Moment> since{Moment{}};
        std::condition_variable wake{};
        bool is_called = false;
    };
    /// The next question; nothing at the end.
    std::unique_ptr<detail::ReadJob> next_job(Reader& reader);
    void loop(Reader& reader);
    static bool is_in_place(Reader& reader);
    void carry_out(detail::ReadJob& job, Reader& reader);
    /// While `failure` is being handled.
    void give_up(detail::ReadJob& job, const Failure& failure);

    std::shared_ptr<const Options> options_;
    Condition& condition_;
    std::deque<Reader> readers_;  ///< none comes or goes but under the mutex
    mutable std::mutex mutex_;
    /// Who waits for a question, the last to have read at the back: that one is called first, since
    /// each has pages of its own in memory, and those that all use stay in few of them.
    std::vector<Reader*> idle_;
    std::deque<std::unique_ptr<detail::ReadJob>> queue_;
    bool stopping_ = true;
    std::vector<std::thread> threads_;
};

}  // namespace database
