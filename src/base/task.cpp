#include "base/task.hpp"

namespace base {

namespace {

/// One handler, whatever comes of it: one that throws is done with all the same, and the others
/// still have to come back.
void step(Loop& loop) noexcept {
    try {
        loop.restart();
        loop.run_one();
    } catch (...) {
    }
}

}  // namespace

void Loop::drain() noexcept {
    while (away > 0) step(*this);
}

TaskScope::~TaskScope() {
    while (under_way_ > 0) step(loop_);
    // A task may have left something behind that it did not wait for.
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
