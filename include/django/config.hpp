#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/section.hpp"

namespace django {

/// Bounds of what is read of another site; describe() says what each means.
struct Config {
    std::string mapping{};
    std::string base{};
    std::int64_t feed_limit_max = 100;
    std::int64_t feed_bytes_max = 8 * 1024 * 1024;
    std::int64_t row_bytes_max = 8 * 1024 * 1024;
    std::int64_t batch_rows = 2000;
    std::int64_t cache_bytes_max = 32 * 1024 * 1024;
    std::chrono::milliseconds write_wait_max_ms{60 * 1000};
};

void describe(config::Section& section, Config& config);

}  // namespace django
