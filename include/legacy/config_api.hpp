#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/section.hpp"

namespace legacy {

/// Settings of the answers in the monolith's own shape; describe() says what each means.
struct ApiConfig {
    std::string file{};  ///< absolute; empty: there are none
    std::chrono::milliseconds deadline_ms{2000};
    std::int64_t offset_max = 100000;
    std::int64_t cache_answers = 256;
};

/// Within the section of the module: its keys begin with `api`.
void describe(config::Section& section, ApiConfig& config);

}  // namespace legacy
