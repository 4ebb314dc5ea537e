#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "config/section.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"

namespace reporting {

/// Which requests are traced, and who is told.
struct TraceConfig {
    std::string endpoint{};
    std::int64_t sample_one_in = 100;
    bool follow_caller = false;
    std::int64_t spans_max = 8192;
    std::int64_t spans_per_batch_max = 512;
    std::int64_t requests_remembered_max = 4096;
};

/// Who is told of breakdowns, and of how many.
struct ErrorConfig {
    std::string sentry_dsn_file{};
    std::string environment = "production";
    std::int64_t queued_max = 256;
    std::int64_t per_minute_max = 60;
    std::chrono::seconds repeat{10};
};

/// How what waits is sent, to either.
struct SendConfig {
    std::chrono::milliseconds interval{1000};
    std::chrono::milliseconds timeout{5000};
    std::int64_t attempts_max = 4;
    std::chrono::milliseconds retry_wait{500};
    std::string ca_file{};
};

/// Settings of what is told to others; describe() says what each means.
struct Config {
    std::string service = "portal";
    TraceConfig traces{};
    ErrorConfig errors{};
    SendConfig send{};
    std::int64_t crashes_kept_max = 10;
    std::int64_t crash_shown_h = 24;
};

void describe(config::Section& section, Config& config);

/// Tells others how this process does: spans of sampled requests to a collector (OTLP over HTTP, as
/// JSON), breakdowns and crashes to Sentry. In the background, from bounded queues; whoever is told
/// and does not answer costs what waits for it, and no request anything. Owns the tracing and the
/// keeping of breakdowns in `telemetry` while it lives; off where no address is set, and for a
/// command without a server.
///
/// When it is opened it also looks whether earlier runs have left records of crashes: the log and
/// Sentry are told, /readyz warns for a while, and what is told is moved to `crashes/`.
class Module : public host::Module {
public:
    /// Refused (invalid) with `reporting_endpoint`, `sentry_dsn_unusable` or `ca_unusable` and what
    /// is wrong.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment);
};

}  // namespace reporting
