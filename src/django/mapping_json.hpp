#pragma once

#include <string_view>

#include "base/result.hpp"
#include "mapping.hpp"

namespace django {

/// Reads a mapping file (JSON, comments allowed). Refused with `malformed_json`, or with
/// `invalid_mapping` and all problems at once, each with where it stands.
base::Result<Mapping> mapping_from_json(std::string_view text);

}  // namespace django
