#pragma once

#include <optional>
#include <utility>

#include "base/task.hpp"
#include "support/catch.hpp"

namespace support {

/// A module's background thread, played by the test's own: it works when it is told to, until all
/// that is left waits for a time or for something to happen. So what a test sees after that is the
/// same each time. With a clock that is moved by hand.
class SteppedLoop {
public:
    base::Executor executor() { return loop_.get_executor(); }
    void settle() { loop_.settle(); }
    /// Only what can be done without another thread: what it is to do, it has been given.
    void begin() {
        loop_.restart();
        loop_.poll();
    }

    /// Runs a task to its end, beside all else that is on the loop; it must need no time to pass.
    template <class T>
    base::Result<T> run(base::Task<T> task) {
        std::optional<base::Result<T>> outcome;
        spawn(std::move(task), outcome);
        settle();
        REQUIRE(outcome);
        return std::move(*outcome);
    }
    /// Starts one; `outcome`, which must outlive it, has what came of it once it has ended.
    template <class T>
    void spawn(base::Task<T> task, std::optional<base::Result<T>>& outcome) {
        auto ended = [&outcome](std::exception_ptr thrown, base::Result<T> result) {
            if (thrown) std::rethrow_exception(thrown);
            outcome = std::move(result);
        };
        boost::asio::co_spawn(loop_, std::move(task), std::move(ended));
    }

private:
    base::Loop loop_;
};

}  // namespace support
