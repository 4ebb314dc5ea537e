#include "base/work_pool.hpp"

#include "base/thread.hpp"

namespace base {

namespace {

Error pool_stopping() {
    return {Reason::unavailable, "stopping", "The server is stopping. Try again."};
}

}  // namespace

WorkPool::WorkPool(Options options) : options_(std::move(options)) {
    try {
        for (std::size_t i = 0; i < options_.threads; ++i)
            threads_.emplace_back([this] { loop(); });
    } catch (...) {
        // No further thread is to be had: those that run must end before they are destroyed.
        stop();
        for (auto& thread : threads_) thread.join();
        throw;
    }
}

WorkPool::~WorkPool() {
    stop();
    for (auto& thread : threads_) thread.join();
}

void WorkPool::stop() {
    std::deque<std::unique_ptr<Job>> left;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(queue_);
    }
    wake_.notify_all();
    for (auto& job : left) job->refuse(pool_stopping());
}

std::size_t WorkPool::queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
}

std::int64_t WorkPool::memory_bytes() const {
    std::lock_guard lock(mutex_);
    return memory_bytes_;
}

bool WorkPool::has_room() const {
    return !queue_.empty() &&
           queue_.front()->memory_bytes <= options_.memory_bytes_max - memory_bytes_;
}

void WorkPool::enqueue(std::unique_ptr<Job> job) {
    bool stopped = false;
    {
        std::lock_guard lock(mutex_);
        stopped = stopping_;
        if (!stopped && queue_.size() < options_.queue_max &&
            job->memory_bytes <= options_.memory_bytes_max) {
            queue_.push_back(std::move(job));
            wake_.notify_one();
            return;
        }
    }
    if (stopped) {
        job->refuse(pool_stopping());
        return;
    }
    job->refuse(options_.full);
}

void WorkPool::loop() {
    name_thread(options_.name);
    for (;;) {
        std::unique_ptr<Job> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || has_room(); });
            if (queue_.empty()) return;
            job = std::move(queue_.front());
            queue_.pop_front();
            memory_bytes_ += job->memory_bytes;
        }
        if (job->deadline.passed()) {
            job->refuse(deadline_passed());
        } else {
            job->run();
        }
        {
            std::lock_guard lock(mutex_);
            memory_bytes_ -= job->memory_bytes;
        }
        wake_.notify_all();
    }
}

}  // namespace base
