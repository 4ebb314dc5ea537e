#pragma once

#include <string>

#include "items_service.hpp"

namespace editing {

/// The answer to GET /v1/newsroom/items, as api/openapi.yaml has it.
std::string items_body(const ItemsFound& found);

}  // namespace editing
