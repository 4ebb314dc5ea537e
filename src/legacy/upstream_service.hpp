#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "legacy/module.hpp"
#include "resilience/circuit_breaker.hpp"
#include "telemetry/metrics.hpp"

namespace legacy {

/// One server of the monolith, and how it does. Thread-safe.
class UpstreamService {
public:
    UpstreamService(const UpstreamConfig& config, const resilience::CircuitBreakerConfig& breaker,
                    telemetry::Metrics& metrics);

    const std::string& name() const { return name_; }
    const http::UpstreamAddress& address() const { return address_; }
    resilience::CircuitBreaker& breaker() { return breaker_; }
    /// It has answered, `took` after it was asked.
    void answered(int status, std::chrono::steady_clock::duration took);
    /// It did not, or not to the end.
    void failed(const std::string& code);
    /// Counts as an open tunnel while it lives.
    std::shared_ptr<void> tunnel();
    /// What an operator should know of it; empty: it is well.
    std::string warning() const;

private:
    const std::string name_;
    const http::UpstreamAddress address_;
    telemetry::Metrics& metrics_;
    resilience::CircuitBreaker breaker_;
    const std::shared_ptr<std::atomic<std::int64_t>> tunnels_;
    std::vector<telemetry::Counter*> answers_;  ///< by the first digit of the status
    telemetry::Histogram& seconds_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace legacy
