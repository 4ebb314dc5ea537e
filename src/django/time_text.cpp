#include "time_text.hpp"

#include <algorithm>
#include <array>

namespace django {

namespace {

using std::chrono::seconds;

/// Read from the left.
class Digits {
public:
    explicit Digits(std::string_view text) : rest_(text) {}

    bool empty() const { return rest_.empty(); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// So many digits, no more and no less.
    std::optional<int> number(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!is_digit(rest_[i])) return std::nullopt;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    /// Of a second; what is finer than a microsecond is cut off.
    std::optional<std::int64_t> fraction() {
        std::int64_t micros = 0;
        std::size_t size = 0;
        for (; size < rest_.size() && is_digit(rest_[size]); ++size) {
            if (size < 6) micros = micros * 10 + (rest_[size] - '0');
        }
        if (size == 0) return std::nullopt;
        for (auto i = size; i < 6; ++i) micros *= 10;
        rest_.remove_prefix(size);
        return micros;
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    std::string_view rest_;
};

/// `Z`, `+02`, `+0200`, `+02:00`; as seconds to the east.
std::optional<seconds> take_offset(Digits& rest) {
    if (rest.take('Z')) return seconds(0);
    bool west = rest.take('-');
    if (!west && !rest.take('+')) return std::nullopt;
    auto hours = rest.number(2);
    if (!hours || *hours > 23) return std::nullopt;
    int minutes = 0;
    if (!rest.empty()) {
        rest.take(':');
        auto given = rest.number(2);
        if (!given || *given > 59) return std::nullopt;
        minutes = *given;
    }
    seconds offset{*hours * 3600 + minutes * 60};
    return west ? -offset : offset;
}

base::Time from_local(base::Time local, const base::TimeZone& zone) {
    // The two offsets of a change are both tried; the earlier moment that fits is the first time.
    auto early = local - zone.offset_at(local - std::chrono::hours(26));
    auto late = local - zone.offset_at(local + std::chrono::hours(26));
    for (auto moment : {std::min(early, late), std::max(early, late)}) {
        if (moment + zone.offset_at(moment) == local) return moment;
    }
    // No clock showed it: they had been put forward just then.
    return std::max(early, late);
}

constexpr std::array<std::string_view, 12> months = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

std::string padded(std::int64_t number, std::size_t width, bool bare) {
    auto text = std::to_string(number);
    if (!bare && text.size() < width) text.insert(0, width - text.size(), '0');
    return text;
}

/// In any year that four digits can write, or just outside of them.
std::optional<base::Time> parse_any(std::string_view text, const base::TimeZone& zone) {
    Digits rest(text);
    auto year = rest.number(4);
    if (!year || !rest.take('-')) return std::nullopt;
    auto month = rest.number(2);
    if (!month || !rest.take('-')) return std::nullopt;
    auto day = rest.number(2);
    if (!day) return std::nullopt;
    std::chrono::year_month_day date{std::chrono::year(*year),
                                     std::chrono::month(static_cast<unsigned>(*month)),
                                     std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *year < 1) return std::nullopt;
    base::Time local = std::chrono::sys_days(date);
    if (rest.empty()) return from_local(local, zone);
    if (!rest.take('T') && !rest.take(' ')) return std::nullopt;
    auto hours = rest.number(2);
    if (!hours || *hours > 23 || !rest.take(':')) return std::nullopt;
    auto minutes = rest.number(2);
    if (!minutes || *minutes > 59) return std::nullopt;
    local += std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    if (rest.take(':')) {
        auto second = rest.number(2);
        if (!second || *second > 60) return std::nullopt;
        local += seconds(*second);
        if (rest.take('.')) {
            auto micros = rest.fraction();
            if (!micros) return std::nullopt;
            local += std::chrono::microseconds(*micros);
        }
    }
    if (rest.empty()) return from_local(local, zone);
    auto offset = take_offset(rest);
    if (!offset || !rest.empty()) return std::nullopt;
    return local - *offset;
}

}  // namespace

std::optional<base::Time> parse_time(std::string_view text, const base::TimeZone& zone) {
    auto time = parse_any(text, zone);
    if (time && (*time < base::time_min || *time > base::time_max)) return std::nullopt;
    return time;
}

std::optional<std::string> format_time(base::Time time, std::string_view format,
                                       const base::TimeZone& zone) {
    auto local = time + zone.offset_at(time);
    auto day = std::chrono::floor<std::chrono::days>(local);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(local - day));
    auto year = static_cast<int>(date.year());
    auto month = static_cast<unsigned>(date.month());
    std::string out;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            out += format[i];
            continue;
        }
        bool bare = i + 1 < format.size() && format[i + 1] == '-';
        i += bare ? 2 : 1;
        switch (i < format.size() ? format[i] : '\0') {
            case 'Y':
                out += padded(year, 4, bare);
                break;
            case 'y':
                out += padded(year % 100, 2, bare);
                break;
            case 'm':
                out += padded(month, 2, bare);
                break;
            case 'd':
                out += padded(static_cast<unsigned>(date.day()), 2, bare);
                break;
            case 'H':
                out += padded(clock.hours().count(), 2, bare);
                break;
            case 'M':
                out += padded(clock.minutes().count(), 2, bare);
                break;
            case 'S':
                out += padded(clock.seconds().count(), 2, bare);
                break;
            case 'j':
                out +=
                    padded((day - std::chrono::sys_days(date.year() / 1 / 1)).count() + 1, 3, bare);
                break;
            case 'b':
                out += months[month - 1].substr(0, 3);
                break;
            case 'B':
                out += months[month - 1];
                break;
            case '%':
                out += '%';
                break;
            default:
                return std::nullopt;
        }
    }
    return out;
}

}  // namespace django
