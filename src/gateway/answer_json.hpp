#pragma once

#include <string>
#include <vector>

#include "gateway/migration.hpp"

namespace gateway {

/// The bodies of answers, as api/openapi.yaml has them.
std::string route_body(const MigrationRoute& route);
std::string routes_body(const std::vector<MigrationRoute>& routes);
std::string report_body(const RouteReport& report);
std::string finish_body(const MigrationFinish& finish);
std::string report_body(const MigrationReport& report);

}  // namespace gateway
