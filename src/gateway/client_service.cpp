#include "client_service.hpp"

#include <algorithm>

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
    if (peer.empty()) return true;  // a unix socket: its file says who may be there
    auto address = http::IpAddress::parse(peer);
    if (!address) return false;
    return std::any_of(trusted_.begin(), trusted_.end(),
                       [&](const auto& network) { return network.contains(*address); });
}

/// From the end: each trusted proxy has added whom it heard. What stands before the first address
/// that is not trusted anybody may have written.
std::optional<http::Response> ClientService::before(http::Request& request) const {
    bool may_matter = request.peer.empty() || !trusted_.empty();
    if (!may_matter || !trusts(request.peer)) return std::nullopt;
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
