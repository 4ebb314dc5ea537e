#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "value.hpp"

namespace django {

/// What a text may become in memory; two bytes of it can be a value of a hundred.
struct ValueLimits {
    std::size_t depth = 32;
    std::size_t values = 200'000;
};

/// Reads JSON in UTF-8. Refused with `malformed_json`, `too_deep`, `too_many_values`,
/// `nul_in_text`.
base::Result<Value> value_from_json(std::string_view text, ValueLimits limits = {});

}  // namespace django
