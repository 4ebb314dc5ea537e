#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace gateway {

/// What one side of one route has answered lately.
struct TrafficCounts {
    std::int64_t hour = 0;  ///< answers in the last 60 minutes, this one with them
    std::int64_t day = 0;
    /// Of the last hour, within a tenth; nothing if there was no answer.
    std::optional<std::chrono::microseconds> p50{};
    std::optional<std::chrono::microseconds> p99{};
};

}  // namespace gateway
