#pragma once

#include <condition_variable>
#include <cstdint>
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

namespace base {

/// A few threads for work that takes long or blocks, and a bounded queue before them. Where a piece
/// of work says what memory it takes, how much of that goes at once is limited too; one that does
/// not fit waits, and so does what came after it. Thread-safe.
class WorkPool {
public:
    struct Options {
        const char* name = "work";  ///< of the threads, 15 characters
        std::size_t threads = 1;
        std::size_t queue_max = 0;
        std::int64_t memory_bytes_max = 0;  ///< of all work that is under way
        Error full;                         ///< what is refused is refused with, when it is full
    };

    explicit WorkPool(Options options);
    /// Refuses what still waits with `stopping`, and waits for what is under way.
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;

    /// Queues `work`, called as `T()` on a thread of the pool; it takes `memory_bytes`. Refused
    /// with Options::full, also if it needs more memory than there ever is, or `deadline` if it
    /// passed while it was queued: nothing was done then.
    template <class T, class Work>
    Task<T> run(Deadline deadline, std::int64_t memory_bytes, Work work) {
        auto start = [this, deadline, memory_bytes,
                      moved = std::move(work)](auto completion) mutable {
            auto job = std::make_unique<JobOf<T, Work>>(std::move(moved), std::move(completion));
            job->deadline = deadline;
            job->memory_bytes = memory_bytes;
            enqueue(std::move(job));
        };
        auto carried = co_await suspend<Carried<T>>(std::move(start));
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
        virtual void refuse(Error error) = 0;
        Deadline deadline{};
        std::int64_t memory_bytes = 0;
    };
    template <class T, class Work>
    struct JobOf final : Job {
        JobOf(Work w, Completion<Carried<T>> c) : work(std::move(w)), completion(std::move(c)) {}
        void run() override {
            Carried<T> carried;
            try {
                carried.value.emplace(work());
            } catch (...) {
                carried.failure = std::current_exception();
            }
            completion(std::move(carried));
        }
        void refuse(Error error) override { completion(Result<Carried<T>>(std::move(error))); }
        Work work;
        Completion<Carried<T>> completion;
    };

    void enqueue(std::unique_ptr<Job> job);
    void loop();
    /// Whether the first in the queue can begin. Under the lock.
    bool has_room() const;

    const Options options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::unique_ptr<Job>> queue_;
    std::int64_t memory_bytes_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace base
