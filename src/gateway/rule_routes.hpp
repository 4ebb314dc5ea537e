#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/traffic.hpp"
#include "client_service.hpp"
#include "gateway/module.hpp"
#include "http/router.hpp"
#include "legacy/comparison.hpp"
#include "legacy/proxy.hpp"
#include "telemetry/metrics.hpp"

namespace gateway {

/// A rule of the configuration at work, or what no rule is for: its routes to the monolith, and
/// what both sides have answered. Thread-safe.
class RuleRoutes {
public:
    using Side = legacy::Side;
    /// Outlive it.
    struct Parts {
        legacy::Proxy& proxy;
        legacy::Comparer* comparer;  ///< null: nothing is compared
        http::Limits forwarded;
        const base::Clock& clock;
        telemetry::Metrics& metrics;
    };

    RuleRoutes(const RouteConfig& route, const std::vector<std::string>& session_cookies,
               const Parts& parts);
    RuleRoutes(const RuleRoutes&) = delete;

    const std::string& name() const { return name_; }
    const legacy::Passage& passage() const { return passage_; }

    /// The monolith answers.
    const http::Route& forwarded() const { return forwarded_; }
    /// As well, and what it says is offered for comparison.
    const http::Route& shadowed() const { return shadowed_; }
    /// Before the server starts.
    void set_number(std::size_t number);

    /// Which of ten thousand buckets a client is in: by the first of the rule's cookies that there
    /// is, else by its address, of an IPv6 client by its network of 64 bits. Allocates nothing.
    std::uint32_t bucket(const http::Request& request, const TrustedProxies& trusted) const;

    /// `status` 0: there was no answer.
    void count(Side side, int status, std::chrono::microseconds took) const;
    /// The monolith is asked: noted once a second at most.
    void note_legacy(const http::Request& request) const;
    base::TrafficCounts traffic(Side side) const;
    std::optional<LegacyHit> last_legacy() const;

private:
    struct Measured {
        base::Traffic traffic;
        telemetry::Counter* requests = nullptr;
        telemetry::Histogram* seconds = nullptr;
    };

    base::Task<http::Response> forward_compared(http::Request& request,
                                                http::BodyReader& body) const;

    const Parts parts_;
    const std::string name_;
    const std::string group_;
    const std::vector<std::string> cookies_;
    const legacy::Passage passage_;
    http::Route forwarded_{};
    http::Route shadowed_{};
    mutable std::array<Measured, 2> sides_{};
    mutable std::atomic<std::int64_t> last_second_{0};
    mutable std::mutex mutex_{};
    mutable std::optional<LegacyHit> last_hit_{};
};

}  // namespace gateway
