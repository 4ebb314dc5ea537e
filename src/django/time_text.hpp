#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/time_zone.hpp"

namespace django {

/// The moment that a text of Django's says: `2026-05-04T10:20:30.123456Z`, with any offset or none,
/// a space for its `T`, no seconds, or a day alone. One without an offset is by the clocks of
/// `zone`: where these were put back and showed it twice, the first time. Nothing for other texts,
/// and for what base::Time does not hold.
std::optional<base::Time> parse_time(std::string_view text, const base::TimeZone& zone);

/// Whether it is as long as a day alone, which is all that a field of dates holds.
inline bool is_day(std::string_view text) {
    return text.size() == 10;
}

/// As Python's strftime writes it by the clocks of `zone`: %Y %y %m %d %H %M %S %j %b %B, with a
/// `-` after the percent sign without leading zeros. English names. Nothing for other letters.
std::optional<std::string> format_time(base::Time time, std::string_view format,
                                       const base::TimeZone& zone);

}  // namespace django
