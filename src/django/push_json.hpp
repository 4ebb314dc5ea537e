#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"
#include "change.hpp"

namespace django {

/// `{source, changes: [{sequence, operation, model, pk, record, related}]}`. Refused with
/// `malformed_changes` for what is no object, else with `invalid_changes` and all problems.
base::Result<Push> push_from_json(const nlohmann::json& body);

std::string to_json(const Pushed& pushed);

/// As they are kept; what was read there is our own text.
std::string to_json(const Refusals& refused);
Refusals refusals_from_json(const std::string& text);

}  // namespace django
