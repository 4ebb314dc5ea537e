#include "read_pool.hpp"

#include <algorithm>

#include "base/thread.hpp"
#include "telemetry/log.hpp"

namespace database {

ReadPool::~ReadPool() {
    end();
}

void ReadPool::begin(std::vector<std::unique_ptr<Connection>> connections) {
    {
        std::lock_guard lock(mutex_);
        for (auto& connection : connections) {
            readers_.emplace_back().connection = std::move(connection);
        }
        stopping_ = false;
    }
    try {
        for (auto& reader : readers_) {
            threads_.emplace_back([this, &reader] { loop(reader); });
        }
    } catch (...) {
        // No further thread is to be had: those that run must end before they are destroyed.
        end();
        throw;
    }
}

void ReadPool::end() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto& reader : readers_) reader.wake.notify_one();
    }
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    std::lock_guard lock(mutex_);
    idle_.clear();
    readers_.clear();
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
            if (idle_.empty()) return;
            auto* reader = idle_.back();
            idle_.pop_back();
            reader->is_called = true;
            reader->wake.notify_one();
            return;
        }
    }
    auto readable = condition_.readable();
    job->refuse(readable
                    ? base::Error{base::Reason::unavailable, "overloaded",
                                  "Too many questions are waiting for an answer. Try again in a "
                                  "moment."}
                    : readable.error());
    job->answer();
}

std::chrono::duration<double> ReadPool::oldest_reader() const {
    auto now = std::chrono::steady_clock::now();
    auto oldest = now;
    std::lock_guard lock(mutex_);
    for (const auto& reader : readers_) {
        auto since = reader.since.load(std::memory_order_relaxed);
        if (since != Moment{}) oldest = std::min(oldest, since);
    }
    return now - oldest;
}

void ReadPool::loop(Reader& reader) {
    base::name_thread("reader");
    while (auto job = next_job(reader)) {
        carry_out(*job, reader);
        job->answer();
    }
}

std::unique_ptr<detail::ReadJob> ReadPool::next_job(Reader& reader) {
    std::unique_lock lock(mutex_);
    // Whoever is called may find that somebody who was ready sooner has taken it.
    while (queue_.empty() && !stopping_) {
        idle_.push_back(&reader);
        reader.wake.wait(lock, [&] { return stopping_ || reader.is_called; });
        reader.is_called = false;
    }
    if (queue_.empty()) return nullptr;
    auto job = std::move(queue_.front());
    queue_.pop_front();
    return job;
}

/// Nobody may write for hours, and a file is missed by its readers as well.
bool ReadPool::is_in_place(Reader& reader) {
    try {
        reader.connection->check_place();
        return true;
    } catch (const Failure&) {
        return false;
    }
}

void ReadPool::carry_out(detail::ReadJob& job, Reader& reader) {
    if (condition_.may_be_back() && is_in_place(reader)) condition_.is_back();
    auto readable = condition_.readable();
    if (!readable) {
        job.refuse(readable.error());
        return;
    }
    if (job.deadline.passed()) {
        job.refuse(base::deadline_passed());
        return;
    }
    auto now = std::chrono::steady_clock::now();
    QueryLimits limits{options_->limits.query_steps_max, now + options_->limits.query_time_max_ms};
    if (job.deadline.at() < limits.until) limits.until = job.deadline.at();
    auto& connection = *reader.connection;
    reader.since.store(now, std::memory_order_relaxed);
    try {
        connection.begin_read(&limits);
        ReadTransaction transaction(connection);
        job.run(transaction);
    } catch (const Failure& failure) {
        give_up(job, failure);
    } catch (...) {
        job.fail(std::current_exception());
    }
    connection.end_read();
    reader.since.store(Moment{}, std::memory_order_relaxed);
}

void ReadPool::give_up(detail::ReadJob& job, const Failure& failure) {
    if (failure.is_fatal()) {
        condition_.fail(failure);
        job.refuse(condition_.refusal(failure));
        return;
    }
    if (!failure.is_interrupt()) {
        job.fail(std::current_exception());
        return;
    }
    bool is_work = failure.kind() == FailureKind::work_limit;
    telemetry::log(telemetry::Level::warning, "database",
                   is_work ? "a question is too much work" : "a question took too long",
                   {{"file", options_->name}});
    job.refuse({base::Reason::deadline, "query_time_exceeded",
                "The question takes longer to answer than it may. Ask for less."});
}

}  // namespace database
