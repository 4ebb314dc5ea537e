#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace base {

/// A point in time: microseconds since 1970, UTC. This is also how it is stored.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// The times that four digits of a year can write: 0001-01-01 to the end of 9999.
inline constexpr Time time_min = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
inline constexpr Time time_max =
    std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::microseconds(1);

inline std::int64_t to_micros(Time time) {
    return time.time_since_epoch().count();
}
inline Time from_micros(std::int64_t micros) {
    return Time(std::chrono::microseconds(micros));
}

/// RFC 3339, UTC, milliseconds: `2026-05-04T10:20:30.123Z`. Finer parts are cut off.
std::string to_rfc3339(Time time);

/// Reads RFC 3339 with any offset and up to six used digits of a second's fraction. Nothing for
/// text of another form, for days that do not exist, and for years outside 1 to 9999. A leap
/// second (:60) counts as the second after :59.
std::optional<Time> parse_rfc3339(std::string_view text);

/// Where the time comes from: the wall's, which is stored and shown and may be set back or forth at
/// any moment, and a steady one for spans. Thread-safe. Tests pass one of their own.
class Clock {
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// Somebody who waits for a moment. ring() may be called on any thread, and more than once.
    class Alarm {
    public:
        virtual ~Alarm() = default;
        virtual void ring() = 0;
    };

    virtual ~Clock() = default;
    virtual Time now() const = 0;
    /// Never set, never goes back; where it starts means nothing.
    virtual Moment steady() const { return std::chrono::steady_clock::now(); }
    /// For base::Timer. A clock whose steady time is moved by hand rings `alarm` once that has come
    /// to `moment`, at once if it has already. False: it is the machine's, to be waited for.
    virtual bool set_alarm(Moment, std::weak_ptr<Alarm>) const { return false; }
};

/// The machine's clock.
class SystemClock final : public Clock {
public:
    Time now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(
            std::chrono::system_clock::now());
    }
};

}  // namespace base
