#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "crowd_sign.hpp"
#include "gateway/module.hpp"
#include "http/router.hpp"
#include "resilience/rate_limiter.hpp"
#include "telemetry/metrics.hpp"

namespace gateway {

/// Refuses a client that asks too often: see pipeline(). Counts by class of route: `read`, `write`,
/// `registration`, `login`. Warns of an address that many clients seem to share. Thread-safe.
class ThrottleService final : public http::Interceptor {
public:
    ThrottleService(const Config& config, telemetry::Metrics& metrics);
    std::optional<http::Response> before(http::Request& request) const override;

private:
    struct Class {
        const char* name = "";
        std::unique_ptr<resilience::RateLimiter> all{};
        std::unique_ptr<resilience::RateLimiter> same{};
        telemetry::Counter* refused = nullptr;
        std::atomic<std::int64_t> logged_second{0};
    };

    Class& class_of(const http::Request& request) const;
    static void log(Class& of, const http::Request& request);
    void listen_for_crowd(const Class& of, const http::Request& request, const std::string& client,
                          bool refused) const;

    mutable std::array<Class, 4> classes_;
    mutable CrowdSign crowds_;
};

}  // namespace gateway
