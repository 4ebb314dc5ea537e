#pragma once

#include <chrono>
#include <cstdint>

#include "legacy/compare_rules.hpp"

namespace legacy {

/// How much comparing may take, of this server and of the monolith. The memory that it needs is
/// bounded by `queue_max` + `in_flight_max` answers of `body_bytes_max`, and per route by
/// `kinds_max` times `samples_max` times twice `sample_bytes_max`.
struct CompareConfig {
    std::int64_t queue_max = 64;
    std::int64_t in_flight_max = 4;
    std::int64_t body_bytes_max = 256 * 1024;
    std::int64_t kinds_max = 100;
    std::int64_t samples_max = 20;
    std::int64_t sample_bytes_max = 512;
    std::int64_t noise_max = 100;
    std::chrono::milliseconds deadline_ms{5000};
    std::chrono::milliseconds store_interval_ms{1000};
};

void describe(config::Section& section, CompareConfig& config);

}  // namespace legacy
