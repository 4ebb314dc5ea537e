#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "driver.hpp"

namespace database {

/// A few threads, each with a read-only connection, and one bounded queue: a bulkhead, so that a
/// slow question of one module never takes the threads of another.
class ReadPool {
public:
    ReadPool(std::shared_ptr<const Options> options,
             std::vector<std::unique_ptr<Connection>> connections);
    ~ReadPool();

    void enqueue(std::unique_ptr<detail::ReadJob> job);
    std::size_t queued() const;

private:
    void loop(Connection& connection);
    void stop();
    void carry_out(detail::ReadJob& job, Connection& connection);
    /// While `failure` is being handled.
    void give_up(detail::ReadJob& job, const Failure& failure);

    std::shared_ptr<const Options> options_;
    std::vector<std::unique_ptr<Connection>> connections_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<detail::ReadJob>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace database
