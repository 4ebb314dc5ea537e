#pragma once

#include "http/router.hpp"

namespace portal {

/// The contract at /v1/openapi.json and, if the program was built with it, the page that shows it
/// at /docs with its scripts and style. The answers are made here, once.
void add_docs_routes(http::Router& router);

}  // namespace portal
