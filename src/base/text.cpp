#include "base/text.hpp"

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace base {

namespace {

/// The code point at the start of `text` and its length in bytes; length 0 if it is not UTF-8.
/// After the table of well-formed byte sequences, Unicode standard, table 3-7.
struct Decoded {
    char32_t point = 0;
    std::size_t length = 0;
};

Decoded decode(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < low || byte(1) > high) return {};
    char32_t point = first & (0x7fu >> length);
    point = (point << 6) | (byte(1) & 0x3fu);
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xbf) return {};
        point = (point << 6) | (byte(i) & 0x3fu);
    }
    return {point, length};
}

/// How much of the beginning is ASCII, eight bytes in a step; up to seven less.
std::size_t ascii_run(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    std::size_t run = 0;
    while (text.size() - run >= sizeof(std::uint64_t)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + run, sizeof eight);
        if ((eight & high_bits) != 0) break;
        run += sizeof eight;
    }
    return run;
}

bool is_white_space(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        auto plain = ascii_run(text);
        count += plain;
        text.remove_prefix(plain);
        if (text.empty()) break;
        auto next = decode(text);
        if (next.length == 0) return std::nullopt;
        text.remove_prefix(next.length);
        ++count;
    }
    return count;
}

std::string_view trim(std::string_view text) {
    while (!text.empty()) {
        auto next = decode(text);
        if (next.length == 0 || !is_white_space(next.point)) break;
        text.remove_prefix(next.length);
    }
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) --start;
        auto last = decode(text.substr(start));
        if (last.length != text.size() - start || !is_white_space(last.point)) break;
        text = text.substr(0, start);
    }
    return text;
}

std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t most) {
    if (text.empty() || text.size() > 18 || (text.size() > 1 && text[0] == '0'))
        return std::nullopt;
    std::int64_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (value > most) return std::nullopt;
    return value;
}

std::string behind_prefix(std::string prefix) {
    assert(!prefix.empty() && static_cast<unsigned char>(prefix.back()) < 0x80);
    ++prefix.back();
    return prefix;
}

std::string to_base64url(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : bytes) {
        held = (held << 8) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            out += alphabet[(held >> bits) & 63];
        }
    }
    if (bits > 0) out += alphabet[(held << (6 - bits)) & 63];
    return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        auto value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        held = (held << 6) | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>((held >> bits) & 0xff);
        }
    }
    // The bits that no byte takes must be zero, or two texts would mean the same bytes.
    if ((held & ((1u << bits) - 1)) != 0) return std::nullopt;
    return out;
}

void append_percent_encoded(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
}

}  // namespace base
