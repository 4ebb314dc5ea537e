#pragma once

#include <vector>

#include "http/router.hpp"
#include "operations/health.hpp"

namespace news {

/// GET /v1/news/healthcheck and /v1/news/{type}/healthcheck, from a check `news-<type>` for each
/// type. The rest below /v1/news/ is the orchestrator's.
void add_health_routes(http::Router& router, std::vector<operations::Check> checks);

}  // namespace news
