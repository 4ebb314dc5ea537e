#pragma once

#include <string_view>

#include "base/result.hpp"
#include "click.hpp"

namespace recommendation {

/// As a line of a file has it. Refused with `malformed_click`.
base::Result<Click> click_from_json(std::string_view line);

}  // namespace recommendation
