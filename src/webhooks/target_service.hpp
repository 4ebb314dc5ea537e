#pragma once

#include <string>
#include <vector>

#include "http/outbound.hpp"

namespace webhooks {

/// Whether it is an address or a network, as webhooks.allow has them.
bool is_network(const std::string& text);
/// What admits them besides what is public; others among them are left out.
http::OutboundGuard guard_of(const std::vector<std::string>& allowed);

}  // namespace webhooks
