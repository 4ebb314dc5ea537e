#pragma once

#include <atomic>

namespace tests {

/// Takes the place of fsync and fdatasync in this program, the libraries included.
struct InterruptedSync {
    /// How many more calls a signal interrupts (EINTR) before one does its work.
    static std::atomic<int> left;
};

}  // namespace tests
