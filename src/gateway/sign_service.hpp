#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cache.hpp"
#include "client_service.hpp"
#include "client_signs.hpp"
#include "gateway/module.hpp"
#include "host/environment.hpp"
#include "http/interceptor.hpp"
#include "http/request_observer.hpp"
#include "named_clients.hpp"
#include "resilience/rate_limiter.hpp"

namespace gateway {

/// Looks for attack signs in what each client asks, names those that have one, and refuses them if
/// the configuration says so: 429 `too_many_requests` to one that is limited, 429 `client_blocked`
/// to one that is blocked, both with Retry-After. A client is an IPv4 address, or an IPv6 network
/// of 64 bits; those that are kept in view are bounded, and the one that was silent the longest
/// goes.
///
/// Not looked at: trusted proxies that say for whom they ask (whom they say is), addresses that are
/// exempt, API keys, people who work here (authors and above), preflights and /healthcheck.
/// Thread-safe. The environment is used no more once no request comes.
class SignService final : public http::Interceptor, public http::RequestObserver {
public:
    SignService(const Config& config, const host::Environment& environment);

    std::optional<http::Response> before(http::Request& request) const override;
    void answered(const http::Request& request, int status,
                  std::chrono::steady_clock::time_point received) const override;

    std::vector<NamedClient> named() const { return named_.all(); }
    /// Those for a firewall, in order.
    std::vector<std::string> listed() const { return named_.listed(); }
    /// Ends what has lasted long enough.
    void expire() const { named_.expire(clock_.steady()); }
    /// The client of that address is as any other again. False: it is not named.
    bool forget(const http::IpAddress& address) const;
    const base::Clock& clock() const { return clock_; }

private:
    using Standings = base::Snapshot<NamedClients::Standings>;

    std::optional<http::IpAddress> client_of(const http::Request& request) const;
    bool is_looked_at(const http::Request& request) const;
    std::optional<NamedClients::Standing> standing(const http::Request& request,
                                                   const http::IpAddress& client) const;
    void name(const http::Request& request, const http::IpAddress& client,
              const Finding& finding) const;

    const SignLimits limits_;
    const base::Clock& clock_;
    const TrustedProxies proxies_;
    std::vector<http::IpNetwork> exempt_;
    mutable base::Cache<ClientKey, ClientSigns, ClientKeyHash> clients_;
    mutable NamedClients named_;
    mutable std::vector<Standings::Reader> standings_;  ///< one per I/O thread
    mutable resilience::RateLimiter limited_;
    mutable std::atomic<std::int64_t> full_told_{0};
    std::array<telemetry::Counter*, sign_count> found_{};
    telemetry::Counter& limited_count_;
    telemetry::Counter& blocked_count_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace gateway
