#include "base/unicode.hpp"

#include <idn2.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/text.hpp"

namespace base {

namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string small_ascii(std::string_view text) {
    std::string small(text);
    for (char& c : small) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return small;
}

const utf8proc_uint8_t* bytes_of(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

std::optional<std::string> mapped(std::string_view text, int options) {
    if (!count_code_points(text)) return std::nullopt;
    utf8proc_uint8_t* raw = nullptr;
    auto length =
        utf8proc_map(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &raw,
                     static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(raw, &std::free);
    if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
    if (length < 0) return std::nullopt;
    return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(length));
}

/// Whether no ASCII character that hosts have not is in it, or means the same as one that is.
/// libidn2 leaves those out, so that another domain would come of it.
bool is_of_domain_characters(std::string_view domain) {
    auto plain = mapped(domain, UTF8PROC_COMPAT);
    if (!plain) return false;
    return std::all_of(plain->begin(), plain->end(), [](char c) {
        auto byte = static_cast<unsigned char>(c);
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return byte >= 0x80 || is_letter || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    });
}

bool has_punycode(std::string_view domain) {
    return domain.starts_with("xn--") || domain.find(".xn--") != std::string_view::npos;
}

/// They choose how the character before them looks: part of Japanese names, and of emoji.
bool is_variation_selector(utf8proc_int32_t point) {
    return (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef);
}

void note(CharacterKinds& kinds, utf8proc_int32_t point) {
    constexpr utf8proc_int32_t blank_braille = 0x2800;
    switch (utf8proc_category(point)) {
        case UTF8PROC_CATEGORY_CC:
            kinds.control = true;
            return;
        case UTF8PROC_CATEGORY_CF:
            kinds.format = true;
            return;
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
            kinds.line_break = true;
            kinds.space = true;
            return;
        case UTF8PROC_CATEGORY_ZS:
            kinds.space = kinds.space || point != ' ';
            return;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_ME:
            if (utf8proc_get_property(point)->ignorable && !is_variation_selector(point)) {
                kinds.format = true;
            }
            return;
        default:
            if (utf8proc_get_property(point)->ignorable) {
                kinds.format = true;
            } else if (point != blank_braille) {
                kinds.visible = true;
            }
    }
}

}  // namespace

void append_utf8(std::string& out, char32_t character) {
    auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
    auto tail = [&](int shift) { add(0x80 | ((character >> shift) & 0x3F)); };
    if (character < 0x80) {
        add(character);
    } else if (character < 0x800) {
        add(0xC0 | (character >> 6));
        tail(0);
    } else if (character < 0x10000) {
        add(0xE0 | (character >> 12));
        tail(6);
        tail(0);
    } else {
        add(0xF0 | (character >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::optional<std::string> to_nfc(std::string_view text) {
    if (is_ascii(text)) return std::string(text);
    return mapped(text, 0);
}

std::optional<std::string> to_nfkc(std::string_view text) {
    if (is_ascii(text)) return std::string(text);
    return mapped(text, UTF8PROC_COMPAT);
}

bool is_of_letters_digits_or(std::string_view others, std::string_view text) {
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        auto length =
            utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
        if (length <= 0) return false;
        auto category = utf8proc_category(point);
        bool letter_or_digit = category >= UTF8PROC_CATEGORY_LU &&
                               category <= UTF8PROC_CATEGORY_NO &&
                               category != UTF8PROC_CATEGORY_MN &&
                               category != UTF8PROC_CATEGORY_MC && category != UTF8PROC_CATEGORY_ME;
        bool other = point < 0x80 && others.find(static_cast<char>(point)) != others.npos;
        if (!letter_or_digit && !other) return false;
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return true;
}

std::optional<std::string> fold_case(std::string_view text) {
    if (is_ascii(text)) return small_ascii(text);
    // Form C first: folding makes letters of some marks, and these must stand in their order then.
    auto composed = to_nfc(text);
    if (!composed) return std::nullopt;
    return mapped(*composed, UTF8PROC_CASEFOLD);
}

std::optional<std::string> to_ascii_domain(std::string_view domain) {
    auto small = small_ascii(domain);
    if (small.find('\0') != std::string::npos) return std::nullopt;
    // What is in DNS already is asked no further: it has hosts that IDNA would not register.
    if (is_ascii(small) && !has_punycode(small)) return small;
    if (!is_of_domain_characters(small)) return std::nullopt;
    char* raw = nullptr;
    auto code = idn2_to_ascii_8z(small.c_str(), &raw,
                                 IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES | IDN2_NFC_INPUT);
    std::unique_ptr<char, decltype(&idn2_free)> owned(raw, &idn2_free);
    if (code == IDN2_MALLOC) throw std::bad_alloc();
    if (code != IDN2_OK || raw == nullptr) return std::nullopt;
    return small_ascii(raw);
}

std::optional<CharacterKinds> character_kinds(std::string_view text) {
    if (!count_code_points(text)) return std::nullopt;
    CharacterKinds kinds;
    while (!text.empty()) {
        utf8proc_int32_t point = 0;
        auto length =
            utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &point);
        if (length <= 0) return std::nullopt;
        note(kinds, point);
        text.remove_prefix(static_cast<std::size_t>(length));
    }
    return kinds;
}

std::optional<std::string> problem_of_line(std::string_view text) {
    auto kinds = character_kinds(text);
    if (!kinds) return "is not valid UTF-8";
    if (kinds->control || kinds->line_break) {
        return "must not have control characters or line breaks";
    }
    if (!kinds->visible) return "must have something to be seen";
    return std::nullopt;
}

std::optional<std::string> problem_of_name(std::string_view name, std::size_t length_max) {
    auto length = count_code_points(name);
    if (!length) return "is not valid UTF-8";
    if (*length < 1 || *length > length_max) {
        return "must have 1 to " + std::to_string(length_max) + " characters";
    }
    if (trim(name) != name) return "must not begin or end with white space";
    auto kinds = character_kinds(name);
    if (!kinds) return "is not valid UTF-8";
    if (kinds->control) return "must not have control characters";
    if (kinds->format) return "must not have format characters, which nobody sees";
    if (kinds->space) return "must not have white space other than the plain space";
    if (!kinds->visible) return "must have something to be seen";
    return std::nullopt;
}

}  // namespace base
