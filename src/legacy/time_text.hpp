#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace legacy {

/// The moment that a text says in one of the forms that web servers write: RFC 3339 with any
/// offset, with a space for its `T`, with offsets like `+0200` and `+02`, or with none, which is
/// read as UTC (so Python's str() and isoformat()); dates of HTTP and of mail (`Sun, 06 Nov 1994
/// 08:49:37 GMT`). Nothing for any other text, as a day without a time. Pure.
std::optional<base::Time> parse_any_time(std::string_view text);

}  // namespace legacy
