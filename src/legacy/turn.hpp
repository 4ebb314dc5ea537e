#pragma once

#include <cstddef>

#include "base/task.hpp"

namespace legacy {

/// Has whoever moves bytes that never keep him waiting, as between two fast servers, let the others
/// of his thread have their turn now and then.
class Turn {
public:
    /// True if it is time to let_others(), after so many more bytes.
    bool is_over(std::size_t bytes) {
        moved_ += bytes;
        if (moved_ < bytes_max) return false;
        moved_ = 0;
        return true;
    }
    /// Whatever the thread has to do comes first.
    static base::Task<void> let_others() {
        auto executor = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(executor, base::use_task);
        co_return base::Result<void>();
    }

private:
    static constexpr std::size_t bytes_max = 256 * 1024;
    std::size_t moved_ = 0;
};

}  // namespace legacy
