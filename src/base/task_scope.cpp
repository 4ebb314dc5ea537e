#include "base/task_scope.hpp"

namespace base {

TaskScope::~TaskScope() {
    while (under_way_ > 0) {
        try {
            loop_.restart();
            loop_.run_one();
        } catch (...) {
            // What a task throws is kept for wait(); this is of something it left behind.
        }
    }
    loop_.drain();
}

void TaskScope::wait(std::size_t most) {
    loop_.restart();
    loop_.poll();
    while (under_way_ > most) {
        loop_.restart();
        loop_.run_one();
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

}  // namespace base
