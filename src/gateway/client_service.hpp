#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/ip_network.hpp"
#include "http/router.hpp"

namespace gateway {

/// Whether that is an address or a network, as `10.0.0.0/8`.
bool is_network(const std::string& text);

/// Who is believed when it says for whom it asks. Immutable.
class TrustedProxies {
public:
    explicit TrustedProxies(const std::vector<std::string>& networks);

    bool trusts(std::string_view peer) const;
    bool trusts(const http::IpAddress& address) const;
    /// Whose request it is: behind a trusted peer the last address of X-Forwarded-For that is none
    /// itself, or the first; else whoever holds the connection. Nothing on a unix socket whose
    /// client says nothing. `request.peer` is whoever holds the connection. Allocates nothing.
    std::optional<http::IpAddress> client(const http::Request& request) const;

private:
    std::vector<http::IpNetwork> networks_;
};

/// Puts the client's address in request.peer: see pipeline(). Thread-safe.
class ClientService final : public http::Interceptor {
public:
    explicit ClientService(const std::vector<std::string>& trusted_proxies)
        : trusted_(trusted_proxies) {}
    std::optional<http::Response> before(http::Request& request) const override;

private:
    void warn_of_proxy(const http::Request& request) const;

    const TrustedProxies trusted_;
    mutable std::atomic<bool> warned_{false};
};

}  // namespace gateway
