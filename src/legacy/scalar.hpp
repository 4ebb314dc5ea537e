#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "legacy/compare_rules.hpp"
#include "value.hpp"

namespace legacy {

// When two single values are the same by the rules of a route. Pure.

/// A URL of http or https without scheme and host: `/a?b`; nothing for another text.
std::optional<std::string_view> behind_host(std::string_view text);

/// The same text, the same moment, or the same URL but for its host.
bool are_same_text(const CompareRules& rules, std::string_view a, std::string_view b);

/// Both are scalars. A number is the same as a text that says it.
bool are_same_scalar(const CompareRules& rules, const Value& a, const Value& b);

/// Equal for scalars that are the same, but for numbers that are only near. What has the same need
/// not be the same.
std::uint64_t key_of_scalar(const CompareRules& rules, const Value& value);

/// Mixes the bytes of `text` into `seed`.
std::uint64_t mix(std::uint64_t seed, std::string_view text);
std::uint64_t mix(std::uint64_t seed, std::uint64_t number);

}  // namespace legacy
