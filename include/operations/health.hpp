#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "http/router.hpp"
#include "telemetry/metrics.hpp"

namespace operations {

/// Settings of the operations listener; describe() says what each means.
struct Config {
    std::string listen = "127.0.0.1:8081";
    std::int64_t disk_free_bytes_min = 100 * 1024 * 1024;
    std::chrono::milliseconds stop_timeout_ms{30 * 1000};
    std::chrono::milliseconds restart_wait_min_ms{1000};
    std::chrono::milliseconds restart_wait_max_ms{60 * 1000};
};

void describe(config::Section& section, Config& config);

/// One thing that must be well for the server to take requests: empty, or what is wrong with it in
/// a few words. Asked on an I/O thread; must not block.
struct Check {
    std::string name;
    std::function<std::string()> ask;
    /// What the operator should know of it though requests are taken: shown, and no more.
    std::function<std::string()> warn{};
    /// Whether its part of the API cannot be asked at all, which is no reason to take the rest of
    /// the server away: shown by health_of() alone.
    std::function<bool()> is_out{};
};

/// Room on the disk that holds `folder`.
Check disk_check(const std::filesystem::path& folder, std::int64_t free_bytes_min);

/// How the modules of `checks` are, for monitoring that comes from outside: 200 with `ok`, or
/// `degraded` if one warns; 503 with `down` if one is not well, or out. By their names alone: why
/// is for /readyz to say.
http::Response health_of(const std::vector<Check>& checks);
/// GET `pattern` answers that, to anyone.
http::Route health_route(std::string pattern, std::vector<Check> checks);

/// /livez (the process answers), /readyz (every check is well, else 503 and which is not) and
/// /metrics (classic, or OpenMetrics where Accept names it). For the operations listener; both must
/// outlive the router.
void add_routes(http::Router& router, const telemetry::Metrics& metrics, std::vector<Check> checks);

/// GET /v1/operations/health (admin): what /readyz says, but always 200, for a console. Its reasons
/// are for operators, so nobody else is told.
void add_admin_routes(http::Router& router, std::vector<Check> checks);

using Gauges = std::vector<telemetry::Metrics::Registration>;

/// Memory, descriptors, threads and start of this process, as Prometheus names them, and which
/// `version` of the program it is.
Gauges measure_process(telemetry::Metrics& metrics, const std::string& version);
/// What /readyz says, as numbers: an alert needs no second place to ask.
Gauges measure_health(telemetry::Metrics& metrics, const std::vector<Check>& checks);
/// The disk that holds `folder`.
Gauges measure_disk(telemetry::Metrics& metrics, const std::filesystem::path& folder);

}  // namespace operations
