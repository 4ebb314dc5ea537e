#include "client_service.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace gateway {

bool is_network(const std::string& text) {
    return http::IpNetwork::parse(text).has_value();
}

ClientService::ClientService(const std::vector<std::string>& trusted_proxies) {
    for (const auto& proxy : trusted_proxies) {
        if (auto network = http::IpNetwork::parse(proxy)) trusted_.push_back(*network);
    }
}

bool ClientService::trusts(std::string_view peer) const {
    if (peer.empty()) return true;       // a unix socket: its file says who may be there
    if (trusted_.empty()) return false;  // and the address need not be read
    auto address = http::IpAddress::parse(peer);
    if (!address) return false;
    return std::any_of(trusted_.begin(), trusted_.end(),
                       [&](const auto& network) { return network.contains(*address); });
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

/// From the end: each trusted proxy has added whom it heard. What stands before the first address
/// that is not trusted anybody may have written.
std::optional<http::Response> ClientService::before(http::Request& request) const {
    if (!trusts(request.peer)) {
        if (!warned_.load(std::memory_order_relaxed)) warn_of_proxy(request);
        return std::nullopt;
    }
    if (auto said = request.header("X-Forwarded-Proto")) {
        if (*said == "https" || *said == "http") request.secure = *said == "https";
    }
    auto lines = request.header_lines("X-Forwarded-For");
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (line->empty()) continue;
        auto rest = *line;
        for (;;) {
            auto comma = rest.rfind(',');
            // An empty element is no address either: what stands before it does not count.
            auto address =
                http::IpAddress::parse(comma == rest.npos ? rest : rest.substr(comma + 1));
            if (!address) return std::nullopt;
            request.peer = address->text();
            if (!trusts(request.peer)) return std::nullopt;
            if (comma == rest.npos) break;
            rest = rest.substr(0, comma);
        }
    }
    return std::nullopt;
}

}  // namespace gateway
