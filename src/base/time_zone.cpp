#include "base/time_zone.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace base {

namespace {

using std::chrono::seconds;

constexpr std::int64_t file_bytes_max = 256 * 1024;
constexpr seconds offset_max{26 * 3600};

Error bad(const std::string& how) {
    return {Reason::invalid, "bad_time_zone", "This is no file of a time zone: " + how + "."};
}

/// A rule's text, read from the left.
class RuleText {
public:
    explicit RuleText(std::string_view text) : rest_(text) {}

    bool empty() const { return rest_.empty(); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// `CST`, or `<-03>`: three characters at least.
    bool take_name() {
        bool quoted = take('<');
        std::size_t size = 0;
        while (size < rest_.size() && is_of_name(rest_[size], quoted)) ++size;
        rest_.remove_prefix(size);
        return size >= 3 && (!quoted || take('>'));
    }
    std::optional<int> take_number(int least, int most) {
        int number = 0;
        std::size_t size = 0;
        while (size < rest_.size() && size < 3 && rest_[size] >= '0' && rest_[size] <= '9') {
            number = number * 10 + (rest_[size++] - '0');
        }
        if (size == 0 || number < least || number > most) return std::nullopt;
        rest_.remove_prefix(size);
        return number;
    }
    /// `[+-]hh[:mm[:ss]]`
    std::optional<seconds> take_time(int hours_max) {
        bool negative = take('-');
        if (!negative) take('+');
        auto hours = take_number(0, hours_max);
        if (!hours) return std::nullopt;
        seconds time{*hours * 3600};
        for (int unit = 60; unit > 0 && take(':'); unit /= 60) {
            auto part = take_number(0, 59);
            if (!part) return std::nullopt;
            time += seconds(*part * unit);
        }
        return negative ? -time : time;
    }
    std::optional<ClockChange> take_change() {
        ClockChange change;
        if (take('M')) {
            change.form = ClockChange::Form::month_week_day;
            auto month = take_number(1, 12);
            if (!month || !take('.')) return std::nullopt;
            auto week = take_number(1, 5);
            if (!week || !take('.')) return std::nullopt;
            auto day = take_number(0, 6);
            if (!day) return std::nullopt;
            change.month = *month;
            change.week = *week;
            change.day = *day;
        } else {
            bool without_leap = take('J');
            change.form = without_leap ? ClockChange::Form::day_without_leap
                                       : ClockChange::Form::day_from_zero;
            auto day = take_number(without_leap ? 1 : 0, 365);
            if (!day) return std::nullopt;
            change.day = *day;
        }
        if (take('/')) {
            auto at = take_time(167);
            if (!at) return std::nullopt;
            change.at = *at;
        }
        return change;
    }

private:
    static bool is_of_name(char c, bool quoted) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
        return quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
    }
    std::string_view rest_;
};

/// Of a year, in seconds since 1970 by the clock that holds until then.
seconds moment_of(const ClockChange& change, std::chrono::year year) {
    using namespace std::chrono_literals;
    std::chrono::sys_days day = year / 1 / 1;
    switch (change.form) {
        case ClockChange::Form::day_from_zero:
            day += std::chrono::days(change.day);
            break;
        case ClockChange::Form::day_without_leap: {
            // The 29th of February is never counted.
            bool after_it = year.is_leap() && change.day >= 60;
            day += std::chrono::days(change.day - (after_it ? 0 : 1));
            break;
        }
        case ClockChange::Form::month_week_day: {
            auto month = year / change.month;
            std::chrono::weekday weekday{static_cast<unsigned>(change.day)};
            day = change.week == 5
                      ? std::chrono::sys_days(month / weekday[std::chrono::last])
                      : std::chrono::sys_days(month / weekday[static_cast<unsigned>(change.week)]);
            break;
        }
    }
    return day.time_since_epoch() + change.at;
}

/// The bytes of a file, read from the left; numbers stand with their highest byte first.
class Bytes {
public:
    explicit Bytes(std::string_view bytes) : rest_(bytes) {}

    std::size_t size() const { return rest_.size(); }
    std::string_view take(std::size_t count) {
        auto taken = rest_.substr(0, count);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    std::int64_t number(std::size_t bytes) {
        auto taken = take(bytes);
        std::uint64_t value = 0;
        for (char c : taken) value = value << 8 | static_cast<unsigned char>(c);
        if (bytes == 4) return static_cast<std::int32_t>(value);
        return static_cast<std::int64_t>(value);
    }

private:
    std::string_view rest_;
};

/// How much of what follows a header; the order is that of the file.
struct Counts {
    char version = 0;
    std::int64_t is_ut = 0;
    std::int64_t is_standard = 0;
    std::int64_t leaps = 0;
    std::int64_t changes = 0;
    std::int64_t types = 0;
    std::int64_t letters = 0;

    std::size_t bytes(std::int64_t of_time) const {
        return static_cast<std::size_t>(changes * (of_time + 1) + types * 6 + letters +
                                        leaps * (of_time + 4) + is_standard + is_ut);
    }
};

std::optional<Counts> take_header(Bytes& bytes) {
    constexpr std::size_t header_bytes = 44;
    if (bytes.size() < header_bytes || bytes.take(4) != "TZif") return std::nullopt;
    Counts counts;
    counts.version = bytes.take(16)[0];
    for (auto* count : {&counts.is_ut, &counts.is_standard, &counts.leaps, &counts.changes,
                        &counts.types, &counts.letters}) {
        *count = bytes.number(4);
        if (*count < 0 || *count > file_bytes_max) return std::nullopt;
    }
    return counts;
}

}  // namespace

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
    RuleText rest(text);
    ZoneRule rule;
    if (!rest.take_name()) return std::nullopt;
    // There the offset says how far the place is behind.
    auto offset = rest.take_time(24);
    if (!offset) return std::nullopt;
    rule.offset = -*offset;
    if (rest.empty()) return rule;
    if (!rest.take_name()) return std::nullopt;
    ZoneRule::Summer summer;
    summer.offset = rule.offset + std::chrono::hours(1);
    if (!rest.take(',')) {
        auto own = rest.take_time(24);
        if (!own || !rest.take(',')) return std::nullopt;
        summer.offset = -*own;
    }
    auto begins = rest.take_change();
    if (!begins || !rest.take(',')) return std::nullopt;
    auto ends = rest.take_change();
    if (!ends || !rest.empty()) return std::nullopt;
    summer.begins = *begins;
    summer.ends = *ends;
    rule.summer = summer;
    return rule;
}

seconds ZoneRule::offset_at(seconds time) const {
    if (!summer) return offset;
    auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(time + offset));
    auto year = std::chrono::year_month_day(day).year();
    auto begins = moment_of(summer->begins, year) - offset;
    auto ends = moment_of(summer->ends, year) - summer->offset;
    bool is_summer = begins < ends ? begins <= time && time < ends : time < ends || begins <= time;
    return is_summer ? summer->offset : offset;
}

Result<TimeZone> TimeZone::parse(std::string_view text) {
    Bytes bytes(text);
    // The first part is the same once more for readers who know only 32 bits.
    auto old = take_header(bytes);
    if (!old || old->version < '2') return bad("its head is not that of version 2 or later");
    if (bytes.size() < old->bytes(4)) return bad("it is cut off");
    bytes.take(old->bytes(4));
    auto counts = take_header(bytes);
    if (!counts) return bad("its second head is damaged");
    if (bytes.size() < counts->bytes(8)) return bad("it is cut off");
    if (counts->leaps > 0) return bad("it counts leap seconds");
    if (counts->types < 1 || counts->types > 256) return bad("it has no types of time");

    TimeZone zone;
    zone.changes_.resize(static_cast<std::size_t>(counts->changes));
    for (auto& change : zone.changes_) change.at = bytes.number(8);
    auto rises = [](const Change& a, const Change& b) { return a.at >= b.at; };
    if (std::adjacent_find(zone.changes_.begin(), zone.changes_.end(), rises) !=
        zone.changes_.end()) {
        return bad("its changes are out of order");
    }
    auto type_of_change = bytes.take(zone.changes_.size());
    std::vector<seconds> offsets;
    for (std::int64_t i = 0; i < counts->types; ++i) {
        offsets.emplace_back(bytes.number(4));
        bytes.take(2);
        if (offsets.back() > offset_max || offsets.back() < -offset_max) {
            return bad("an offset is out of range");
        }
    }
    for (std::size_t i = 0; i < zone.changes_.size(); ++i) {
        auto type = static_cast<unsigned char>(type_of_change[i]);
        if (type >= offsets.size()) return bad("a change has no type of time");
        zone.changes_[i].offset = offsets[type];
    }
    zone.first_ = offsets[0];
    bytes.take(static_cast<std::size_t>(counts->letters + counts->is_standard + counts->is_ut));

    auto footer = bytes.take(bytes.size());
    if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') {
        return bad("it has no footer");
    }
    footer = footer.substr(1, footer.size() - 2);
    if (footer.empty()) return zone;
    zone.rule_ = parse_zone_rule(footer);
    if (!zone.rule_) return bad("its footer says no rule");
    return zone;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::load(const std::string& name,
                                                       const std::filesystem::path& folder) {
    if (name == "UTC") return std::make_shared<const TimeZone>();
    auto unknown = [&] {
        return Error{Reason::invalid, "unknown_time_zone",
                     "there is no time zone \"" + name +
                         "\" on this machine. A name is one of IANA's, as America/Chicago; "
                         "they come with the package tzdata."};
    };
    bool plain = !name.empty() && name.size() <= 64 && name[0] != '/' && name[0] != '.' &&
                 name.find("/.") == std::string::npos &&
                 std::all_of(name.begin(), name.end(), [](char c) {
                     return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' || c == '/';
                 });
    if (!plain) return unknown();
    auto path = folder / name;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return unknown();
    auto size = std::filesystem::file_size(path, error);
    if (error || size > static_cast<std::uintmax_t>(file_bytes_max)) return unknown();
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) return unknown();
    auto zone = parse(bytes);
    if (!zone) return zone.error();
    return std::make_shared<const TimeZone>(std::move(*zone));
}

seconds TimeZone::offset_at(Time time) const {
    auto since = std::chrono::floor<seconds>(time.time_since_epoch());
    auto later = std::upper_bound(
        changes_.begin(), changes_.end(), since.count(),
        [](std::int64_t moment, const Change& change) { return moment < change.at; });
    if (later == changes_.end() && rule_) return rule_->offset_at(since);
    if (later == changes_.begin()) return first_;
    return std::prev(later)->offset;
}

}  // namespace base
