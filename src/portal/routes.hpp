#pragma once

#include <memory>

#include "host/host.hpp"
#include "http/router.hpp"
#include "settings.hpp"

namespace portal {

/// Everything that the public listener answers, with who may call it. `checks`: what /readyz asks.
/// `host` must outlive the router.
std::shared_ptr<http::Router> public_router(const Settings& settings, host::Host& host,
                                            const std::vector<operations::Check>& checks);

}  // namespace portal
