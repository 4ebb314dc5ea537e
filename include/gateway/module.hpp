#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/section.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/router.hpp"
#include "telemetry/metrics.hpp"

namespace gateway {

/// How often one client may ask for routes of one class; 0: as often as it likes. The `same_`
/// limits hold for one method and target by themselves.
struct Limits {
    std::int64_t per_second = 0;
    std::int64_t per_minute = 0;
    std::int64_t same_per_second = 0;
    std::int64_t same_per_minute = 0;

    bool operator==(const Limits&) const = default;
};

/// Settings of the gateway; describe() says what each means.
struct Config {
    std::vector<std::string> trusted_proxies{};
    struct {
        std::vector<std::string> origins{};
        std::vector<std::string> headers{"Authorization",
                                         "Baggage",
                                         "Content-Type",
                                         "Idempotency-Key",
                                         "If-Match",
                                         "If-None-Match",
                                         "If-Modified-Since",
                                         "If-Unmodified-Since",
                                         "Last-Event-ID",
                                         "Prefer",
                                         "Range",
                                         "Sentry-Trace",
                                         "Traceparent",
                                         "Tracestate",
                                         "X-CSRF-Token",
                                         "X-Request-Id",
                                         "X-Requested-With"};
        std::vector<std::string> headers_exposed{
            "ETag",        "Link",        "Location", "RateLimit", "RateLimit-Policy",
            "Retry-After", "X-Request-Id"};
        bool credentials = false;
        std::chrono::seconds max_age{600};
    } cors;
    struct {
        std::int64_t clients_max = 100000;
        Limits read{};
        Limits write{};
        Limits registration{0, 10, 0, 0};
        Limits login{0, 10, 0, 0};
    } throttle;
};

void describe(config::Section& section, Config& config);

/// For open mode: registration and login without the limits that they have as delivered, since a
/// trial is one client that registers many. Limits that were configured otherwise stay.
Config for_open_mode(Config config);

/// What each request passes before it is known who asks, in this order:
///
/// 1. Who is the client? Behind a trusted proxy (or on a unix socket) the last address of
///    X-Forwarded-For that is no trusted proxy; else whoever holds the connection, whatever the
///    request says. X-Forwarded-Proto is believed of the same. A peer that sends X-Forwarded-For
///    and is not trusted is warned of, once.
/// 2. May a page of another origin have the answer (CORS)? Not asked where another server answers,
/// as
///    that one knows. Only the origins of the list. Answers a
///    preflight. Also what is refused before it is routed says so, if its Origin has come.
/// 3. Does the client ask too often? 429 `too_many_requests` with Retry-After, RateLimit and
///    RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10). An address that many clients seem
///    to share, since what they say of themselves differs, is warned of when one is refused, once.
///
/// `config` must be valid, as after describe(). `metrics` outlives the result.
http::Interceptors pipeline(const Config& config, telemetry::Metrics& metrics);

/// The gateway of one process.
class Module final : public host::Module {
public:
    /// In open mode as for_open_mode().
    Module(const Config& config, const host::Environment& environment);

    std::string name() const override { return "gateway"; }
    /// Of the public listener: see pipeline().
    const http::Interceptors& interceptors() const { return interceptors_; }

    base::Task<void> start() override;
    base::Task<void> stop(base::Deadline deadline) override;

private:
    http::Interceptors interceptors_;
};

}  // namespace gateway
