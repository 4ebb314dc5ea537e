#pragma once

#include <chrono>
#include <thread>

namespace support {

/// Asks until `holds()` is true, for at most `limit`: for what another process does in its own
/// time. False if it never was.
template <class Predicate>
bool eventually(Predicate holds, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    auto until = std::chrono::steady_clock::now() + limit;
    while (!holds()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}  // namespace support
