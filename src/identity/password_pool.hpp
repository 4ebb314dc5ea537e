#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"

namespace identity {

/// A few threads that hash passwords, and a bounded queue before them: hashing takes a lot of time
/// and memory on purpose, so how much of both goes at once is limited here. Each piece of work says
/// what memory it takes; one that does not fit waits, and so does what came after it. The one place
/// of this module with a mutex. Thread-safe.
class PasswordPool {
public:
    /// `memory_bytes_max`: of all work that is under way.
    PasswordPool(std::size_t threads, std::size_t queue_max, std::int64_t memory_bytes_max);
    /// Refuses what still waits with `stopping`, and waits for what is under way.
    ~PasswordPool();
    PasswordPool(const PasswordPool&) = delete;

    /// Queues `work`, called as `T()` on a thread of the pool; it takes `memory_bytes`. Refused
    /// with `password_pool_full` (unavailable), also if it needs more memory than there ever is, or
    /// `deadline` if it passed while it was queued: nothing was done then.
    template <class T, class Work>
    base::Task<T> run(base::Deadline deadline, std::int64_t memory_bytes, Work work) {
        auto start = [this, deadline, memory_bytes,
                      moved = std::move(work)](auto completion) mutable {
            auto job = std::make_unique<JobOf<T, Work>>(std::move(moved), std::move(completion));
            job->deadline = deadline;
            job->memory_bytes = memory_bytes;
            enqueue(std::move(job));
        };
        auto carried = co_await base::suspend<Carried<T>>(std::move(start));
        if (!carried) co_return carried.error();
        if (carried->failure) std::rethrow_exception(carried->failure);
        co_return std::move(*carried->value);
    }

    /// How many wait.
    std::size_t queued() const;
    /// What the work under way takes.
    std::int64_t memory_bytes() const;
    /// From now on everything is refused, also what waits. Thread-safe.
    void stop();

private:
    /// A value or an exception on its way back to the coroutine that waits.
    template <class T>
    struct Carried {
        std::exception_ptr failure{};
        std::optional<T> value{};
    };
    struct Job {
        virtual ~Job() = default;
        virtual void run() = 0;
        virtual void refuse(base::Error error) = 0;
        base::Deadline deadline{};
        std::int64_t memory_bytes = 0;
    };
    template <class T, class Work>
    struct JobOf final : Job {
        JobOf(Work w, base::Completion<Carried<T>> c)
            : work(std::move(w)), completion(std::move(c)) {}
        void run() override {
            Carried<T> carried;
            try {
                carried.value.emplace(work());
            } catch (...) {
                carried.failure = std::current_exception();
            }
            completion(std::move(carried));
        }
        void refuse(base::Error error) override {
            completion(base::Result<Carried<T>>(std::move(error)));
        }
        Work work;
        base::Completion<Carried<T>> completion;
    };

    void enqueue(std::unique_ptr<Job> job);
    void loop();
    /// Whether the first in the queue can begin. Under the lock.
    bool has_room() const;

    const std::size_t queue_max_;
    const std::int64_t memory_bytes_max_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Job>> queue_;
    std::int64_t memory_bytes_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace identity
