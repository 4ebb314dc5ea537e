#include "password_pool.hpp"

#include "base/thread.hpp"

namespace identity {

namespace {

base::Error stopping() {
    return {base::Reason::unavailable, "stopping", "The server is stopping. Try again."};
}

}  // namespace

PasswordPool::PasswordPool(std::size_t threads, std::size_t queue_max,
                           std::int64_t memory_bytes_max)
    : queue_max_(queue_max), memory_bytes_max_(memory_bytes_max) {
    try {
        for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
    } catch (...) {
        // No further thread is to be had: those that run must end before they are destroyed.
        stop();
        for (auto& thread : threads_) thread.join();
        throw;
    }
}

PasswordPool::~PasswordPool() {
    stop();
    for (auto& thread : threads_) thread.join();
}

void PasswordPool::stop() {
    std::deque<std::unique_ptr<Job>> left;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(queue_);
    }
    wake_.notify_all();
    for (auto& job : left) job->refuse(stopping());
}

std::size_t PasswordPool::queued() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
}

std::int64_t PasswordPool::memory_bytes() const {
    std::lock_guard lock(mutex_);
    return memory_bytes_;
}

bool PasswordPool::has_room() const {
    return !queue_.empty() && queue_.front()->memory_bytes <= memory_bytes_max_ - memory_bytes_;
}

void PasswordPool::enqueue(std::unique_ptr<Job> job) {
    bool stopped = false;
    {
        std::lock_guard lock(mutex_);
        stopped = stopping_;
        if (!stopped && queue_.size() < queue_max_ && job->memory_bytes <= memory_bytes_max_) {
            queue_.push_back(std::move(job));
            wake_.notify_one();
            return;
        }
    }
    if (stopped) {
        job->refuse(stopping());
        return;
    }
    job->refuse({base::Reason::unavailable, "password_pool_full",
                 "Too many passwords are waiting to be checked. Try again in a moment."});
}

void PasswordPool::loop() {
    base::name_thread("passwords");
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
            job->refuse(base::deadline_passed());
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

}  // namespace identity
