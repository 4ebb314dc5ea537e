#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/work_pool.hpp"
#include "image/workers.hpp"
#include "worker_process.hpp"

namespace image {

/// Threads that wait for workers, and begin another when one has died.
class WorkerPool final : public Workers {
public:
    WorkerPool(WorkerOptions options, telemetry::Counter& restarts);

    base::Task<Facts> look(InputFile file, base::Deadline deadline) override;
    base::Task<std::int64_t> make(InputFile file, Wanted wanted, int to,
                                  base::Deadline deadline) override;

private:
    struct Worker {
        std::unique_ptr<WorkerProcess> process;
        int jobs = 0;
    };

    /// One of the workers, for as long as this is there. Who looks goes before who makes.
    class Turn {
    public:
        Turn(WorkerPool& pool, bool looks);
        ~Turn();
        Turn(const Turn&) = delete;

    private:
        WorkerPool& pool_;
    };

    /// On a thread of a pool. `to`: -1 if nothing is to be made.
    base::Result<Report> run(Job job, int from, int to, base::Deadline deadline);
    base::Result<Report> run_on_a_worker(const Job& job, int from, int to);
    base::WorkPool::Options lane(const char* name) const;
    std::unique_ptr<Worker> take();
    void give_back(std::unique_ptr<Worker> worker);

    const WorkerOptions options_;
    telemetry::Counter& restarts_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> idle_;
    std::condition_variable turns_;
    std::size_t at_work_ = 0;
    std::size_t looks_waiting_ = 0;
    // Two queues, so that readers who want renditions leave places for who sends pictures. Last:
    // their threads use the rest.
    base::WorkPool makes_;
    base::WorkPool looks_;
};

}  // namespace image
