#include "base/http_date.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace base {

std::string to_http_date(Time time) {
    auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    auto second = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&second, &parts);
    // By hand: strftime's names of days and months depend on the locale.
    static constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                  months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                  parts.tm_hour, parts.tm_min, parts.tm_sec);
    return text.data();
}

}  // namespace base
