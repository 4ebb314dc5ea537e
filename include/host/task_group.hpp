#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"
#include "host/environment.hpp"

namespace host {

/// The background work of one module: tasks on the environment's background executor, and the way
/// to wait until all of them have ended. One that ends by an exception or a refusal is logged,
/// counted, and begun again after a while (Supervision says when, and to /readyz that it is down).
/// What the tasks use must live until ended() has said so. spawn() and ended() from any thread, but
/// not at the same time.
class TaskGroup {
public:
    /// Makes the task, each time that it is begun; it must be as it was before when it has broken.
    using Begin = std::function<base::Task<void>()>;

    /// `module`: in the log, and the first part of the tasks' names. What the environment refers to
    /// outlives the group.
    TaskGroup(std::string module, const Environment& environment);
    ~TaskGroup();

    /// `name`: of the task, as `worker-1`. `lost`: what it means while it does not run: "visits are
    /// not applied".
    void spawn(const std::string& name, std::string lost, Begin begin);
    /// Done when none of the tasks runs any more; whoever asks has told them to end, and none is
    /// begun again. Refused with `deadline_passed`.
    base::Task<void> ended(base::Deadline deadline);

private:
    struct State;
    struct Job;
    static base::Task<void> supervise(std::shared_ptr<State> state, std::shared_ptr<Job> job);

    std::shared_ptr<State> state_;
    const std::string module_;
    const Environment environment_;
};

}  // namespace host
