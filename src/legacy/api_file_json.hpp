#pragma once

#include <string_view>

#include "api_file.hpp"
#include "base/result.hpp"

namespace legacy {

/// Reads the file of `legacy.api`. Refused with `invalid_legacy_api` and all that is wrong with it,
/// each with its JSON path.
base::Result<ApiFile> api_file_from_json(std::string_view text, const ApiGround& ground);

}  // namespace legacy
