#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/section.hpp"

namespace http {

/// Limits of what we ask of other servers; describe() says what each means. Counts of connections
/// are per upstream.
struct ClientConfig {
    std::chrono::milliseconds connect_timeout{1000};
    std::chrono::milliseconds first_byte_timeout{10000};
    std::chrono::milliseconds idle_timeout{30000};
    std::chrono::milliseconds tunnel_idle_timeout{600000};
    std::int64_t connections_max = 64;
    std::int64_t long_lived_max = 1000;
    std::int64_t queued_max = 256;
    std::int64_t pooled_max = 16;
    std::chrono::milliseconds pooled_life{1000};
    bool pooled_for_unsafe = false;
    std::int64_t field_lines_max = 100;
    std::int64_t field_bytes_max = 16384;
    std::int64_t interim_answers_max = 8;
    std::string ca_file{};
};

void describe(config::Section& section, ClientConfig& config);

}  // namespace http
