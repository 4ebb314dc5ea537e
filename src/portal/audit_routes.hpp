#pragma once

#include <vector>

#include "bus/trail.hpp"
#include "http/router.hpp"

namespace portal {

/// GET /v1/audit?actor=&from=&to=&after=&limit= (admin): what happened in all logs, the newest
/// first, without contents. `trails` outlive the router.
void add_audit_routes(http::Router& router, std::vector<const bus::Trail*> trails);

}  // namespace portal
