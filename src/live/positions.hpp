#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace live {

/// How far somebody has come in several logs, in the order of their names.
using Positions = std::vector<std::int64_t>;

/// As an event's id says it: `politics:4,sports:12`.
std::string text_of(const Positions& positions, const std::vector<std::string>& names);

/// Read strictly: names that are known, each once, in their order, with positions as they are
/// written here. A log that is not named is at `missing`. Nothing for anything else.
inline constexpr std::int64_t missing = -1;
std::optional<Positions> parse_positions(std::string_view text,
                                         const std::vector<std::string>& names);

/// In no log less far.
bool covers(const Positions& positions, const Positions& others);
/// The farther one in each.
void raise(Positions& positions, const Positions& to);

}  // namespace live
