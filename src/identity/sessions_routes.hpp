#pragma once

#include "accounts_service.hpp"
#include "bus/log.hpp"
#include "http/router.hpp"
#include "sessions_service.hpp"

namespace identity {

/// What admins look up of an account: GET·DELETE /v1/auth/users/{id}/sessions and GET
/// /v1/auth/users/{id}/history. All of them outlive the router.
void add_sessions_routes(http::Router& router, SessionsService& sessions,
                         const AccountsService& accounts, const bus::Log& log);

}  // namespace identity
