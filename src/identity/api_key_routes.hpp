#pragma once

#include "api_keys_service.hpp"
#include "http/router.hpp"

namespace identity {

/// /v1/auth/api-keys, for admins; `keys` must outlive the router.
void add_api_key_routes(http::Router& router, ApiKeysService& keys);

}  // namespace identity
