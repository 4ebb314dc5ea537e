#include "scalar.hpp"

#include <algorithm>

#include "decimal.hpp"
#include "time_text.hpp"

namespace legacy {

namespace {

using Kind = Value::Kind;

base::Time cut(const CompareRules& rules, base::Time time) {
    if (rules.time_precision == "s") return std::chrono::floor<std::chrono::seconds>(time);
    if (rules.time_precision == "ms") return std::chrono::floor<std::chrono::milliseconds>(time);
    return time;
}

bool are_same_number(const CompareRules& rules, std::string_view a, std::string_view b) {
    auto left = parse_decimal(a);
    if (!left) return false;
    auto right = parse_decimal(b);
    if (!right) return false;
    if (*left == *right) return true;
    return rules.number_tolerance_millionths > 0 &&
           are_near(a, b, rules.number_tolerance_millionths);
}

bool is_number_or_text(const Value& value) {
    return value.kind == Kind::number || value.kind == Kind::text;
}

/// What follows scheme and host; the text itself if it has none.
std::string_view path_of(std::string_view text) {
    return behind_host(text).value_or(text);
}

}  // namespace

std::optional<std::string_view> behind_host(std::string_view text) {
    if (!text.starts_with("http://") && !text.starts_with("https://")) return std::nullopt;
    auto host = text.find("//") + 2;
    auto end = text.find_first_of("/?#", host);
    if (text.find_first_of(" \t\r\n", host) != text.npos || end == host) return std::nullopt;
    return end == text.npos ? std::string_view("/") : text.substr(end);
}

bool are_same_text(const CompareRules& rules, std::string_view a, std::string_view b) {
    if (a == b) return true;
    if (rules.base_url && (behind_host(a) || behind_host(b)) && path_of(a) == path_of(b))
        return true;
    auto left = parse_any_time(a);
    if (!left) return false;
    auto right = parse_any_time(b);
    return right && cut(rules, *left) == cut(rules, *right);
}

bool are_same_scalar(const CompareRules& rules, const Value& a, const Value& b) {
    if (a.kind == b.kind && a.text == b.text) return true;
    if (a.kind == Kind::text && b.kind == Kind::text) return are_same_text(rules, a.text, b.text);
    return is_number_or_text(a) && is_number_or_text(b) && are_same_number(rules, a.text, b.text);
}

std::uint64_t mix(std::uint64_t seed, std::uint64_t number) {
    auto state = (seed ^ number) * 0x9E3779B97F4A7C15u;
    return state ^ (state >> 29);
}

std::uint64_t mix(std::uint64_t seed, std::string_view text) {
    // FNV-1a, which need not withstand anybody: a wrong pair costs a difference more, not one less.
    std::uint64_t state = seed ^ 0xCBF29CE484222325u;
    for (char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
    return mix(state, text.size());
}

std::uint64_t key_of_scalar(const CompareRules& rules, const Value& value) {
    if (!is_number_or_text(value)) return mix(static_cast<std::uint64_t>(value.kind), value.text);
    if (auto number = parse_decimal(value.text)) {
        auto key = mix(number->negative ? 11 : 12, number->digits);
        return mix(key, static_cast<std::uint64_t>(number->exponent));
    }
    if (auto time = parse_any_time(value.text))
        return mix(13, static_cast<std::uint64_t>(base::to_micros(cut(rules, *time))));
    return mix(14, rules.base_url ? path_of(value.text) : std::string_view(value.text));
}

}  // namespace legacy
