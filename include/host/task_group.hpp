#pragma once

#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"

namespace host {

/// The background work of one module: tasks on one executor, and the way to wait until all of them
/// have ended. A task that ends by an exception or a refusal is logged with what it was for. What
/// the tasks use must live until ended() has said so. spawn() and ended() from any thread, but not
/// at the same time.
class TaskGroup {
public:
    /// `module`: in the log. The executor outlives the group.
    TaskGroup(std::string module, base::Executor executor);
    ~TaskGroup();

    /// `lost`: what it means if the task ends by itself: "visits are not applied any more".
    void spawn(std::string lost, base::Task<void> task);
    /// Done when none of the tasks runs any more; whoever asks has told them to end. Refused with
    /// `deadline_passed`.
    base::Task<void> ended(base::Deadline deadline);

private:
    struct State;
    std::shared_ptr<State> state_;
    std::string module_;
    base::Executor executor_;
};

}  // namespace host
