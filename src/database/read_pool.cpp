#include "read_pool.hpp"

#include <sqlite3.h>

#include "telemetry/log.hpp"

namespace database {

namespace {

/// How many instructions of SQLite's machine run between two looks at the clock.
constexpr int instructions_per_look = 4000;

/// What one question may cost. Its work is the same on every machine; its time is not, and only
/// bounds how long a slow disk may keep a thread.
struct Budget {
    std::int64_t looks = 0;
    std::chrono::steady_clock::time_point until{};
};

int is_spent(void* budget) {
    auto& left = *static_cast<Budget*>(budget);
    return --left.looks < 0 || std::chrono::steady_clock::now() > left.until;
}

}  // namespace

ReadPool::ReadPool(std::shared_ptr<const Options> options,
                   std::vector<std::unique_ptr<Connection>> connections)
    : options_(std::move(options)), connections_(std::move(connections)) {
    for (auto& connection : connections_) {
        threads_.emplace_back([this, own = connection.get()] { loop(*own); });
    }
}

ReadPool::~ReadPool() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (auto& thread : threads_) thread.join();
}

std::size_t ReadPool::queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
}

void ReadPool::enqueue(std::unique_ptr<detail::ReadJob> job) {
    {
        std::lock_guard lock(mutex_);
        auto most = static_cast<std::size_t>(options_->limits.read_queue_max);
        if (!stopping_ && queue_.size() < most) {
            queue_.push_back(std::move(job));
            wake_.notify_one();
            return;
        }
    }
    job->refuse({base::Reason::unavailable, "overloaded",
                 "Too many questions are waiting for an answer. Try again in a moment."});
    job->answer();
}

void ReadPool::loop(Connection& connection) {
    for (;;) {
        std::unique_ptr<detail::ReadJob> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        carry_out(*job, connection);
        job->answer();
    }
}

void ReadPool::carry_out(detail::ReadJob& job, Connection& connection) {
    if (job.deadline.passed()) {
        job.refuse(base::deadline_passed());
        return;
    }
    auto limit = std::chrono::steady_clock::now() + options_->limits.query_time_max_ms;
    if (job.deadline.at() < limit) limit = job.deadline.at();
    Budget budget{options_->limits.query_steps_max / instructions_per_look, limit};
    sqlite3_progress_handler(connection.handle(), instructions_per_look, is_spent, &budget);
    try {
        connection.prepare("begin").run();
        ReadTransaction transaction(connection);
        job.run(transaction);
    } catch (const Failure& failure) {
        if (failure.is_interrupt()) {
            telemetry::log(telemetry::Level::warning, "database", "a question took too long",
                           {{"file", options_->name}});
            job.refuse({base::Reason::deadline, "query_time_exceeded",
                        "The question takes longer to answer than it may. Ask for less."});
        } else {
            if (failure.is_fatal()) options_->on_fatal(options_->name + ": " + failure.what());
            job.fail(std::current_exception());
        }
    } catch (...) {
        job.fail(std::current_exception());
    }
    sqlite3_progress_handler(connection.handle(), 0, nullptr, nullptr);
    if (sqlite3_get_autocommit(connection.handle()) == 0) {
        // Nothing was written: this only ends the snapshot, and cannot fail in a way that matters.
        sqlite3_exec(connection.handle(), "rollback", nullptr, nullptr, nullptr);
    }
}

}  // namespace database
