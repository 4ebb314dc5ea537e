#include "time_text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace legacy {

namespace {

constexpr std::size_t longest = 48;

bool are_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Any offset as RFC 3339 writes it; empty if it is none.
std::string normal_offset(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z" || text == "GMT" || text == "UTC") return "Z";
    if (text.front() != '+' && text.front() != '-') return {};
    std::string sign(text.substr(0, 1));
    text.remove_prefix(1);
    if (text.size() == 5 && text[2] == ':') return sign + std::string(text);
    if (!are_digits(text)) return {};
    if (text.size() == 2) return sign + std::string(text) + ":00";
    if (text.size() != 4) return {};
    return sign + std::string(text.substr(0, 2)) + ":" + std::string(text.substr(2));
}

/// `2026-05-04T10:20:30` and what may follow.
std::optional<base::Time> parse_iso(std::string_view text) {
    constexpr std::size_t seconds_end = 19;
    if (text.size() < seconds_end || text[4] != '-') return std::nullopt;
    auto end = std::min(text.find_first_not_of("0123456789.", seconds_end), text.size());
    auto offset = normal_offset(text.substr(end));
    if (offset.empty()) return std::nullopt;
    return base::parse_rfc3339(std::string(text.substr(0, end)) + offset);
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        auto end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// The month of that short name as two digits; empty if there is none.
std::string month_number(std::string_view name) {
    constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto* found = std::find(months.begin(), months.end(), name);
    if (found == months.end()) return {};
    auto number = std::to_string(found - months.begin() + 1);
    return number.size() == 1 ? "0" + number : number;
}

/// `[Sun, ]06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7; RFC 5322, 3.3).
std::optional<base::Time> parse_mail_date(std::string_view text) {
    auto words = words_of(text);
    if (words.size() == 6 && words.front().size() == 4 && words.front().back() == ',') {
        words.erase(words.begin());
    }
    if (words.size() != 5 || !are_digits(words[0]) || words[3].size() != 8) return std::nullopt;
    auto day = words[0].size() == 1 ? "0" + std::string(words[0]) : std::string(words[0]);
    auto offset = normal_offset(words[4]);
    if (offset.empty()) return std::nullopt;
    return base::parse_rfc3339(std::string(words[2]) + "-" + month_number(words[1]) + "-" + day +
                               "T" + std::string(words[3]) + offset);
}

}  // namespace

std::optional<base::Time> parse_any_time(std::string_view text) {
    if (text.size() > longest) return std::nullopt;
    if (auto time = parse_iso(text)) return time;
    return parse_mail_date(text);
}

}  // namespace legacy
