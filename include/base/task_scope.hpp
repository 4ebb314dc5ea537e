#pragma once

#include <cstddef>
#include <exception>
#include <utility>

#include "base/task.hpp"

namespace base {

/// Tasks on a loop of their own, beside what their owner does on the same thread; a scope that is
/// left only when all of them have ended, also by an exception. For commands and jobs, never on an
/// I/O thread.
class TaskScope {
public:
    TaskScope() = default;
    TaskScope(const TaskScope&) = delete;
    ~TaskScope();

    /// Starts `task`; `done` is called with its result, within wait() or the destructor. What the
    /// task or `done` throws comes out of the next wait().
    template <class T, class Done>
    void spawn(Task<T> task, Done done) {
        auto finished = [this, moved = std::move(done)](std::exception_ptr thrown,
                                                        Result<T> result) mutable {
            --under_way_;
            try {
                if (thrown) std::rethrow_exception(thrown);
                moved(std::move(result));
            } catch (...) {
                if (!failure_) failure_ = std::current_exception();
            }
        };
        ++under_way_;
        boost::asio::co_spawn(loop_.get_executor(), std::move(task), std::move(finished));
    }

    /// Works until at most `most` tasks are under way.
    void wait(std::size_t most);

private:
    std::size_t under_way_ = 0;
    std::exception_ptr failure_;
    Loop loop_;
};

}  // namespace base
