#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace base {

/// A day of the year on which a clock is changed, and when on it, as the TZ variable of POSIX says
/// it with the extension of RFC 9636: `M3.2.0/2`, `J60`, `59/-1`.
struct ClockChange {
    enum class Form { month_week_day, day_without_leap, day_from_zero } form{};
    int month = 1;
    int week = 1;  ///< 5: the last
    int day = 0;   ///< of the week from Sunday on, or of the year
    std::chrono::seconds at{2 * 3600};
};

/// What holds after the last change that a zone's file lists.
struct ZoneRule {
    struct Summer {
        std::chrono::seconds offset{0};
        ClockChange begins;
        ClockChange ends;
    };
    std::chrono::seconds offset{0};  ///< east of UTC
    std::optional<Summer> summer{};

    std::chrono::seconds offset_at(std::chrono::seconds time) const;
};

/// Reads a rule such as `CST6CDT,M3.2.0,M11.1.0`; nothing for anything else.
std::optional<ZoneRule> parse_zone_rule(std::string_view text);

/// The offsets of one place, past and future. Immutable.
class TimeZone {
public:
    /// By its IANA name, as `America/Chicago`, from the zones of the machine; `UTC` is always
    /// there. Refused with `unknown_time_zone`, and with `bad_time_zone` if its file is not one.
    static Result<std::shared_ptr<const TimeZone>> load(
        const std::string& name, const std::filesystem::path& folder = "/usr/share/zoneinfo");
    /// From the bytes of a TZif file (RFC 9636) of version 2 or later, without leap seconds.
    static Result<TimeZone> parse(std::string_view bytes);

    /// UTC.
    TimeZone() = default;

    /// How far the clocks there are ahead of UTC at that time.
    std::chrono::seconds offset_at(Time time) const;

private:
    struct Change {
        std::int64_t at = 0;  ///< seconds since 1970
        std::chrono::seconds offset{0};
    };
    std::chrono::seconds first_{0};  ///< before every change
    std::vector<Change> changes_;
    std::optional<ZoneRule> rule_;
};

}  // namespace base
