#include "drf_time.hpp"

#include <cstdlib>

namespace legacy {

namespace {

using std::chrono::seconds;

void append_padded(std::string& out, std::int64_t number, std::size_t digits) {
    auto text = std::to_string(number);
    if (text.size() < digits) out.append(digits - text.size(), '0');
    out += text;
}

void append_fraction(std::string& out, std::int64_t micros, TimePrecision precision) {
    if (micros == 0 || precision == TimePrecision::s) return;
    out += '.';
    bool whole = precision == TimePrecision::us;
    append_padded(out, whole ? micros : micros / 1000, whole ? 6 : 3);
}

/// `+05:30`; with seconds where the local time of a place was meant, long ago.
void append_offset(std::string& out, seconds offset, TimeFormat format) {
    if (offset.count() == 0 && format == TimeFormat::django) {
        out += 'Z';
        return;
    }
    auto size = std::abs(offset.count());
    out += offset.count() < 0 ? '-' : '+';
    append_padded(out, size / 3600, 2);
    out += ':';
    append_padded(out, size / 60 % 60, 2);
    if (size % 60 == 0) return;
    out += ':';
    append_padded(out, size % 60, 2);
}

}  // namespace

std::optional<TimeFormat> parse_time_format(std::string_view word) {
    if (word == "django") return TimeFormat::django;
    if (word == "iso") return TimeFormat::iso;
    if (word == "date") return TimeFormat::date;
    if (word == "timestamp") return TimeFormat::timestamp;
    return std::nullopt;
}

std::optional<TimePrecision> parse_time_precision(std::string_view word) {
    if (word == "us") return TimePrecision::us;
    if (word == "ms") return TimePrecision::ms;
    if (word == "s") return TimePrecision::s;
    return std::nullopt;
}

void write_time(std::string& out, base::Time time, const TimeStyle& style) {
    auto since = std::chrono::floor<seconds>(time);
    if (style.format == TimeFormat::timestamp) {
        out += std::to_string(since.time_since_epoch().count());
        return;
    }
    auto offset = style.zone->offset_at(time);
    auto local = since + offset;
    auto day = std::chrono::floor<std::chrono::days>(local);
    std::chrono::year_month_day date(day);
    out += '"';
    append_padded(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    if (style.format != TimeFormat::date) {
        auto second = (local - day).count();
        out += 'T';
        append_padded(out, second / 3600, 2);
        out += ':';
        append_padded(out, second / 60 % 60, 2);
        out += ':';
        append_padded(out, second % 60, 2);
        append_fraction(out, (time - since).count(), style.precision);
        append_offset(out, offset, style.format);
    }
    out += '"';
}

}  // namespace legacy
