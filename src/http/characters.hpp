#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace http {

/// What a byte may be in, as bits: one table look-up per byte of a head.
enum : std::uint8_t {
    token_character = 1,   ///< RFC 9110 tchar: methods and field names
    target_character = 2,  ///< RFC 3986 pchar, "/" and "?", but for "%"; and what browsers leave
                           ///< as it is in a path or a query: it frames nothing
    value_character = 4,   ///< in a field value: visible, obs-text, space, tab
    digit_character = 8,
    hex_character = 16,
    host_character = 32,  ///< RFC 3986 unreserved and sub-delims, but for ","
};

constexpr std::array<std::uint8_t, 256> make_character_table() {
    std::array<std::uint8_t, 256> table{};
    auto mark = [&table](std::string_view characters, unsigned bits) {
        for (char c : characters) {
            auto& entry = table[static_cast<unsigned char>(c)];
            entry = static_cast<std::uint8_t>(entry | bits);
        }
    };
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    mark(letters, token_character | target_character | host_character);
    mark("0123456789",
         token_character | target_character | host_character | digit_character | hex_character);
    mark("abcdefABCDEF", hex_character);
    mark("!#$%&'*+-.^_`|~", token_character);
    mark("-._~!$&'()*+,;=:@/?", target_character);
    mark("[]{}|^`\\", target_character);
    mark("-._~!$&'()*+;=", host_character);
    mark(" \t", value_character);
    for (unsigned c = 0x21; c < 256; ++c) {
        if (c != 0x7f) table[c] = static_cast<std::uint8_t>(table[c] | value_character);
    }
    return table;
}

inline constexpr std::array<std::uint8_t, 256> character_table = make_character_table();

inline bool is(std::uint8_t kind, char c) {
    return (character_table[static_cast<unsigned char>(c)] & kind) != 0;
}

/// The value of a character that is_hex.
inline unsigned hex_value(char c) {
    return c <= '9' ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

inline char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Equal but for ASCII case; `lower` is in lower case.
inline bool equals_lower(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (to_lower(text[i]) != lower[i]) return false;
    }
    return true;
}

/// Without spaces and tabs at either end (RFC 9110's OWS).
inline std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Calls `take` with each non-empty, trimmed element of a comma-separated list, as RFC 9110, 5.6.1.
template <class Take>
void for_each_element(std::string_view list, Take take) {
    while (!list.empty()) {
        auto comma = list.find(',');
        auto element = trim_blanks(list.substr(0, comma));
        if (!element.empty()) take(element);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
}

}  // namespace http
