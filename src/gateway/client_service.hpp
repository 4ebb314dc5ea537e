#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "http/ip_network.hpp"
#include "http/router.hpp"

namespace gateway {

/// Whether that is an address or a network, as `10.0.0.0/8`.
bool is_network(const std::string& text);

/// Puts the client's address in request.peer: see pipeline(). Thread-safe.
class ClientService final : public http::Interceptor {
public:
    explicit ClientService(const std::vector<std::string>& trusted_proxies);
    std::optional<http::Response> before(http::Request& request) const override;

private:
    bool trusts(std::string_view peer) const;
    void warn_of_proxy(const http::Request& request) const;

    std::vector<http::IpNetwork> trusted_;
    mutable std::atomic<bool> warned_{false};
};

}  // namespace gateway
