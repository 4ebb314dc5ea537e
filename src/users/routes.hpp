#pragma once

#include "http/router.hpp"
#include "user_service.hpp"

namespace users {

/// The routes of this module; `users` must outlive the router.
void add_routes(http::Router& router, UserService& users);

}  // namespace users
