#include "client_service.hpp"

#include <algorithm>

namespace gateway {

namespace {

bool is_forwarded_for(std::string_view name) {
    constexpr std::string_view wanted = "x-forwarded-for";
    auto equal = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == b; };
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), equal);
}

}  // namespace

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
    for (auto field = request.fields.rbegin(); field != request.fields.rend(); ++field) {
        if (!is_forwarded_for(field->name)) continue;
        if (field->value.empty()) continue;
        auto rest = field->value;
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
