#pragma once

#include <vector>

#include "http/router.hpp"
#include "operations/health.hpp"
#include "user_service.hpp"

namespace users {

/// The routes of this module; `users` must outlive the router. `checks`: those of the module.
void add_routes(http::Router& router, UserService& users, std::vector<operations::Check> checks);

}  // namespace users
