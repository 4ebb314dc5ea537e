#include "decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace legacy {

namespace {

constexpr std::int64_t exponent_max = 1'000'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Takes the digits at the start of `text` away from it.
std::string_view take_digits(std::string_view& text) {
    auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

/// What follows the `e` of a number, to its end.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
    bool negative = take(text, '-');
    if (!negative) take(text, '+');
    auto digits = take_digits(text);
    if (digits.empty() || !text.empty()) return std::nullopt;
    std::int64_t value = 0;
    for (char c : digits) value = std::min(exponent_max, value * 10 + (c - '0'));
    return negative ? -value : value;
}

std::optional<double> parse_double(std::string_view text) {
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text) {
    Decimal number;
    number.negative = take(text, '-');
    auto whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
    number.digits = whole;
    if (take(text, '.')) {
        auto fraction = take_digits(text);
        if (fraction.empty()) return std::nullopt;
        number.digits += fraction;
        number.exponent = -static_cast<std::int64_t>(fraction.size());
    }
    if (!text.empty()) {
        if (!take(text, 'e') && !take(text, 'E')) return std::nullopt;
        auto exponent = parse_exponent(text);
        if (!exponent) return std::nullopt;
        number.exponent += *exponent;
    }
    number.digits.erase(0, number.digits.find_first_not_of('0'));
    auto last = number.digits.find_last_not_of('0');
    if (last == std::string::npos) return Decimal();
    number.exponent += static_cast<std::int64_t>(number.digits.size() - last - 1);
    number.digits.resize(last + 1);
    return number;
}

bool are_near(std::string_view a, std::string_view b, std::int64_t millionths) {
    auto left = parse_double(a);
    auto right = parse_double(b);
    if (!left || !right || !parse_decimal(a) || !parse_decimal(b)) return false;
    auto larger = std::max(std::abs(*left), std::abs(*right));
    return std::abs(*left - *right) <= larger * (static_cast<double>(millionths) / 1e6);
}

}  // namespace legacy
