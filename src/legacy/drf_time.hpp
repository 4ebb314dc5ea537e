#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.hpp"

namespace legacy {

/// How a time is written. `django`: as a DateTimeField of Django REST framework, ISO 8601 with the
/// zone's offset, which is Z where it is none. `iso`: the same, with +00:00. `date`: the day in
/// that zone. `timestamp`: whole seconds since 1970, a number.
enum class TimeFormat { django, iso, date, timestamp };
/// The finest part that is written: what is finer is cut off, and a second's fraction that is zero
/// is not written at all.
enum class TimePrecision { us, ms, s };

std::optional<TimeFormat> parse_time_format(std::string_view word);
std::optional<TimePrecision> parse_time_precision(std::string_view word);

/// All that says how a time looks.
struct TimeStyle {
    TimeFormat format = TimeFormat::django;
    TimePrecision precision = TimePrecision::us;
    std::shared_ptr<const base::TimeZone> zone = std::make_shared<const base::TimeZone>();
};

/// Appends the time as JSON: a text, or a number for `timestamp`.
void write_time(std::string& out, base::Time time, const TimeStyle& style);

}  // namespace legacy
