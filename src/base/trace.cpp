#include "base/trace.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace base {

namespace {

constexpr std::size_t version_digits = 2;
constexpr std::size_t half_digits = 16;
constexpr std::size_t flags_at = 53;
constexpr std::size_t bytes_of_00 = 55;

void append_digits(std::string& out, std::uint64_t number) {
    constexpr char digits[] = "0123456789abcdef";
    for (int shift = 60; shift >= 0; shift -= 4) out += digits[(number >> shift) & 15];
}

std::optional<std::uint64_t> read_digits(std::string_view text) {
    std::uint64_t number = 0;
    for (char c : text) {
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && (c < '0' || c > '9')) return std::nullopt;
        number = (number << 4) | static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
    }
    return number;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_key_character(char c) {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
}

bool is_key(std::string_view key) {
    constexpr std::size_t key_max = 256;
    constexpr std::size_t tenant_max = 241;
    constexpr std::size_t system_max = 14;
    auto plain = [](std::string_view part) {
        return std::all_of(part.begin(), part.end(), is_key_character);
    };
    if (key.empty() || !(is_lower(key.front()) || is_digit(key.front()))) return false;
    auto at = key.find('@');
    if (at == key.npos) return key.size() <= key_max && plain(key);
    auto tenant = key.substr(0, at);
    auto system = key.substr(at + 1);
    return tenant.size() <= tenant_max && plain(tenant) && !system.empty() &&
           system.size() <= system_max && is_lower(system.front()) && plain(system);
}

bool is_state_value(std::string_view value) {
    constexpr std::size_t value_max = 256;
    if (value.empty() || value.size() > value_max || value.back() == ' ') return false;
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::string trace_id(const Trace& trace) {
    std::string out;
    append_digits(out, trace.high);
    append_digits(out, trace.low);
    return out;
}

std::string span_id(std::uint64_t span) {
    std::string out;
    append_digits(out, span);
    return out;
}

std::string to_traceparent(const Trace& trace) {
    return "00-" + trace_id(trace) + '-' + span_id(trace.span) + (trace.sampled ? "-01" : "-00");
}

std::optional<Trace> parse_traceparent(std::string_view value) {
    if (value.size() < bytes_of_00) return std::nullopt;
    for (std::size_t dash : {std::size_t{2}, std::size_t{35}, std::size_t{52}}) {
        if (value[dash] != '-') return std::nullopt;
    }
    auto version = read_digits(value.substr(0, version_digits));
    auto high = read_digits(value.substr(3, half_digits));
    auto low = read_digits(value.substr(19, half_digits));
    auto span = read_digits(value.substr(36, half_digits));
    auto flags = read_digits(value.substr(flags_at, 2));
    if (!version || !high || !low || !span || !flags || *version == 0xff) return std::nullopt;
    if ((*high | *low) == 0 || *span == 0) return std::nullopt;
    bool longer = value.size() > bytes_of_00;
    if (longer && (*version == 0 || value[bytes_of_00] != '-')) return std::nullopt;
    return Trace{*high, *low, *span, (*flags & 1) != 0};
}

bool is_tracestate(std::string_view value) {
    constexpr std::size_t bytes_max = 512;
    constexpr std::size_t members_max = 32;
    if (value.size() > bytes_max) return false;
    std::vector<std::string_view> keys;
    while (!value.empty()) {
        auto comma = value.find(',');
        auto member = without_blanks(value.substr(0, comma));
        value.remove_prefix(comma == value.npos ? value.size() : comma + 1);
        if (member.empty()) continue;
        auto equals = member.find('=');
        if (equals == member.npos || keys.size() == members_max) return false;
        auto key = member.substr(0, equals);
        if (!is_key(key) || !is_state_value(member.substr(equals + 1))) return false;
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) return false;
        keys.push_back(key);
    }
    return !keys.empty();
}

}  // namespace base
