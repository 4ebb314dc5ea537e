#include "client_service.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace gateway {

namespace {

bool is_forwarded_for(std::string_view name) {
    constexpr std::string_view lower = "x-forwarded-for";
    return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

}  // namespace

bool is_network(const std::string& text) {
    return http::IpNetwork::parse(text).has_value();
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& networks) {
    for (const auto& text : networks) {
        if (auto network = http::IpNetwork::parse(text)) networks_.push_back(*network);
    }
}

bool TrustedProxies::trusts(const http::IpAddress& address) const {
    return std::any_of(networks_.begin(), networks_.end(),
                       [&](const auto& network) { return network.contains(address); });
}

bool TrustedProxies::trusts(std::string_view peer) const {
    if (peer.empty()) return true;        // a unix socket: its file says who may be there
    if (networks_.empty()) return false;  // and the address need not be read
    auto address = http::IpAddress::parse(peer);
    return address && trusts(*address);
}

/// From the end: each trusted proxy has added whom it heard. What stands before the first address
/// that is not trusted anybody may have written.
std::optional<http::IpAddress> TrustedProxies::client(const http::Request& request) const {
    auto client = http::IpAddress::parse(request.peer);
    if (!trusts(request.peer)) return client;
    for (auto field = request.fields.rbegin(); field != request.fields.rend(); ++field) {
        if (!is_forwarded_for(field->name) || field->value.empty()) continue;
        auto rest = field->value;
        for (;;) {
            auto comma = rest.rfind(',');
            // An empty element is no address either: what stands before it does not count.
            auto address =
                http::IpAddress::parse(comma == rest.npos ? rest : rest.substr(comma + 1));
            if (!address) return client;
            client = address;
            if (!trusts(*address)) return client;
            if (comma == rest.npos) break;
            rest = rest.substr(0, comma);
        }
    }
    return client;
}

/// Once, since anybody may send that line. Whose proxy it is not need not care.
void ClientService::warn_of_proxy(const http::Request& request) const {
    if (!request.header("X-Forwarded-For") && !request.header("Forwarded")) return;
    if (warned_.exchange(true)) return;
    telemetry::log(telemetry::Level::warning, "gateway",
                   "a client says for whom it asks, and gateway.trusted_proxies does not name it: "
                   "if it is a proxy, all its users share one limit for logins and registrations",
                   {{"client", request.peer}}, request.context.request_id);
}

std::optional<http::Response> ClientService::before(http::Request& request) const {
    if (!trusted_.trusts(request.peer)) {
        if (!warned_.load(std::memory_order_relaxed)) warn_of_proxy(request);
        return std::nullopt;
    }
    if (auto said = request.header("X-Forwarded-Proto")) {
        if (*said == "https" || *said == "http") request.secure = *said == "https";
    }
    if (!request.header("X-Forwarded-For")) return std::nullopt;
    auto client = trusted_.client(request);
    auto own = http::IpAddress::parse(request.peer);
    // Whoever holds the connection stays as it was written, if nobody else was named.
    bool is_other = client && !(own && own->bytes() == client->bytes());
    if (is_other) request.peer = client->text();
    return std::nullopt;
}

}  // namespace gateway
