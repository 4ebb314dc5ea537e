#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "value.hpp"

namespace django {

/// A value in bytes that are read again without looking at each, as JSON would need: a kind,
/// lengths and counts (LEB128), texts as they are. For files of this program alone; a number's
/// digits and the order of members stay.
std::string packed(const Value& value);
/// Empty: these are no bytes of packed().
std::optional<Value> unpacked(std::string_view bytes);

}  // namespace django
