#pragma once

#include "http/router.hpp"

namespace operations {

/// GET /ops: the operator's page. It is made in the browser from /metrics, /readyz and /clients of
/// the same listener, loads nothing from elsewhere, and changes nothing.
void add_page_routes(http::Router& router);

}  // namespace operations
