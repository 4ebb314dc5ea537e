#pragma once

#include <string>
#include <vector>

#include "named_clients.hpp"

namespace gateway {

/// `{"clients": […]}`, the latest first.
std::string clients_body(const std::vector<NamedClient>& clients, base::Clock::Moment now);

}  // namespace gateway
