#pragma once

#include <string_view>

#include "base/context.hpp"
#include "http/router.hpp"

namespace http {

/// Of what is answered whatever the resource is, as Allow names them.
inline constexpr std::string_view all_methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";

/// Whether `actor` may call a route with this rule; who may not gets 401 if nobody is logged in,
/// else 403. Pure.
base::Result<void> check_access(Access access, const base::Actor& actor);

/// Puts who asks in the request's context, unless the route ignores credentials, and says whether
/// they may have the route. Refused as the authenticator does, and as check_access() does.
base::Result<void> authorize(const Route& route, const Authenticator& authenticator,
                             Request& request);

}  // namespace http
