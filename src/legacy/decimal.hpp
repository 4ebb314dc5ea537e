#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace legacy {

/// A decimal number, exactly: `digits` with that many zeros behind it, or a point so many places
/// before its end. Without zeros at either end of the digits, so that equal numbers are equal; zero
/// has none. Pure.
struct Decimal {
    bool negative = false;
    std::string digits{};
    std::int64_t exponent = 0;
    bool operator==(const Decimal&) const = default;
};

/// What JSON takes for a number (RFC 8259, section 6); nothing for anything else, as `007`, `+1`.
/// Exponents beyond ±10^9 count as that.
std::optional<Decimal> parse_decimal(std::string_view text);

/// Both are numbers that differ by no more than so many millionths of the larger one.
bool are_near(std::string_view a, std::string_view b, std::int64_t millionths);

}  // namespace legacy
