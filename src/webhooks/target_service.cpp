#include "target_service.hpp"

namespace webhooks {

bool is_network(const std::string& text) {
    return http::IpNetwork::parse(text).has_value();
}

http::OutboundGuard guard_of(const std::vector<std::string>& allowed) {
    std::vector<http::IpNetwork> networks;
    for (const auto& text : allowed) {
        if (auto network = http::IpNetwork::parse(text)) networks.push_back(*network);
    }
    return http::OutboundGuard(std::move(networks));
}

}  // namespace webhooks
