#pragma once

#include <cstddef>
#include <string_view>
#include <variant>

#include "value.hpp"

namespace legacy {

/// Why a text is not read as JSON.
enum class Unreadable { malformed, too_large };

/// Bounds what a text may cost: its values take up to a hundred bytes each.
struct ValueLimits {
    std::size_t depth = 64;
    std::size_t values = 100'000;
};

/// One JSON text (RFC 8259). Of a member that stands twice the last counts, as most readers have
/// it. Hostile text costs no more than the limits say, and no recursion. Pure.
std::variant<Value, Unreadable> value_from_json(std::string_view text, ValueLimits limits = {});

}  // namespace legacy
