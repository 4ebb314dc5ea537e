#pragma once

#include <cstddef>
#include <cstdint>

#include "base/work_pool.hpp"

namespace identity {

/// A few threads that hash passwords: hashing takes a lot of time and memory on purpose, so how
/// much of both goes at once is limited here. Refuses with `password_pool_full` (unavailable).
class PasswordPool : public base::WorkPool {
public:
    /// `memory_bytes_max`: of all work that is under way.
    PasswordPool(std::size_t threads, std::size_t queue_max, std::int64_t memory_bytes_max)
        : WorkPool({"passwords",
                    threads,
                    queue_max,
                    memory_bytes_max,
                    {base::Reason::unavailable, "password_pool_full",
                     "Too many passwords are waiting to be checked. Try again in a moment."}}) {}
};

}  // namespace identity
