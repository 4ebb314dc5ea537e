#pragma once

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "gateway/migration.hpp"

namespace gateway {

/// `{"mode", "percent"?, "compare_percent"?}`. Refused with `malformed_mode` when a member has the
/// wrong JSON type, with `invalid_mode` when the mode is missing or none: all problems at once.
base::Result<ModeChange> mode_change_from_json(const nlohmann::json& body);

}  // namespace gateway
