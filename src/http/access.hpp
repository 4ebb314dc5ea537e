#pragma once

#include "base/context.hpp"
#include "http/router.hpp"

namespace http {

/// Whether `actor` may call a route with this rule; who may not gets 401 if nobody is logged in,
/// else 403. Pure.
base::Result<void> check_access(Access access, const base::Actor& actor);

}  // namespace http
