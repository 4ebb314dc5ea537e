#include "base/clock.hpp"

#include <array>
#include <cstdio>

namespace base {

namespace chrono = std::chrono;

namespace {

/// Reads exactly `count` digits at `at`, and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        char c = text[at + i];
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    at += count;
    return value;
}

bool skip(std::string_view text, std::size_t& at, char expected) {
    if (at >= text.size() || text[at] != expected) return false;
    ++at;
    return true;
}

/// `Z`, `z` or `±hh:mm`, up to the end of the text.
std::optional<chrono::minutes> offset(std::string_view text, std::size_t at) {
    if (at + 1 == text.size() && (text[at] == 'Z' || text[at] == 'z')) return chrono::minutes(0);
    if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
    int sign = text[at] == '-' ? -1 : 1;
    ++at;
    auto hour = digits(text, at, 2);
    if (!hour || *hour > 23 || !skip(text, at, ':')) return std::nullopt;
    auto minute = digits(text, at, 2);
    if (!minute || *minute > 59 || at != text.size()) return std::nullopt;
    return chrono::minutes(sign * (*hour * 60 + *minute));
}

}  // namespace

std::string to_rfc3339(Time time) {
    auto day = chrono::floor<chrono::days>(time);
    chrono::year_month_day date{day};
    auto rest = chrono::duration_cast<chrono::milliseconds>(time - day).count();
    // No printf: this is done several times for every item of every answer.
    std::string out = "0000-00-00T00:00:00.000Z";
    auto put = [&out](std::size_t end, std::int64_t number) {
        for (; number > 0 && end > 0; number /= 10)
            out[--end] = static_cast<char>('0' + number % 10);
    };
    put(4, int(date.year()));
    put(7, unsigned(date.month()));
    put(10, unsigned(date.day()));
    put(13, rest / 3600000);
    put(16, rest / 60000 % 60);
    put(19, rest / 1000 % 60);
    put(23, rest % 1000);
    return out;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
    std::size_t at = 0;
    auto y = digits(text, at, 4);
    if (!y || *y < 1 || !skip(text, at, '-')) return std::nullopt;
    auto m = digits(text, at, 2);
    if (!m || !skip(text, at, '-')) return std::nullopt;
    auto d = digits(text, at, 2);
    if (!d || at >= text.size()) return std::nullopt;
    if (text[at] != 'T' && text[at] != 't' && text[at] != ' ') return std::nullopt;
    ++at;
    auto hour = digits(text, at, 2);
    if (!hour || *hour > 23 || !skip(text, at, ':')) return std::nullopt;
    auto minute = digits(text, at, 2);
    if (!minute || *minute > 59 || !skip(text, at, ':')) return std::nullopt;
    auto second = digits(text, at, 2);
    if (!second || *second > 60) return std::nullopt;

    std::int64_t fraction = 0;
    if (skip(text, at, '.')) {
        std::size_t first = at;
        std::int64_t unit = 100000;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            fraction += unit * (text[at] - '0');
            unit /= 10;
            ++at;
        }
        if (at == first) return std::nullopt;
    }
    auto zone = offset(text, at);
    if (!zone) return std::nullopt;

    chrono::year_month_day date{chrono::year(*y), chrono::month(static_cast<unsigned>(*m)),
                                chrono::day(static_cast<unsigned>(*d))};
    if (!date.ok()) return std::nullopt;
    Time result = chrono::sys_days(date) + chrono::hours(*hour) + chrono::minutes(*minute) +
                  chrono::seconds(*second) + chrono::microseconds(fraction) - *zone;
    // An offset, or a leap second, can lead out of the years that four digits can write.
    if (result < time_min || result > time_max) return std::nullopt;
    return result;
}

}  // namespace base
