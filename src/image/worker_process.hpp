#pragma once

#include <sys/types.h>

#include <optional>
#include <stdexcept>

#include "image/workers.hpp"
#include "job.hpp"

namespace image {

/// There is no worker to be had; what() says why.
struct NoWorker : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One process that decodes, from start to end. Of one thread at a time.
///
/// It is started by posix_spawn: the stores of this process are open, and between a fork and an
/// exec of ours nothing of theirs may happen. The child has no environment, no descriptor but its
/// socket, and no signal blocked or ignored that it does not ignore itself.
class WorkerProcess {
public:
    /// Starts it and waits until it has locked itself in. Throws NoWorker.
    explicit WorkerProcess(const WorkerOptions& options);
    /// Ends it, at once.
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;

    struct Answer {
        std::optional<Report> report{};
        /// There is none, and the picture did nothing: the process was gone before, or somebody
        /// else ended it (SIGKILL).
        bool ended_from_outside = false;
    };
    /// No report: it died, or was not done in WorkerOptions::job_time_max; then it is of no use any
    /// more. What it reports is not to be trusted: a picture may have taken it over.
    Answer run(const Job& job, int from, int to);

private:
    void end();
    bool was_killed();
    bool comes(std::chrono::milliseconds span) const;

    const std::chrono::milliseconds job_time_max_;
    int socket_ = -1;
    pid_t process_ = -1;
};

}  // namespace image
