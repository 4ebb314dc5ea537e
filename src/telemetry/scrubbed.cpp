#include <algorithm>
#include <array>
#include <cctype>

#include "telemetry/breakdowns.hpp"

namespace telemetry {

namespace {

constexpr std::size_t text_bytes_max = 1024;
/// Shorter ones are words, numbers and ids.
constexpr std::size_t key_bytes_min = 32;

constexpr std::array<std::string_view, 13> secret_names = {
    "authorization", "cookie",    "csrftoken", "key",       "passwd", "password", "pwd",
    "secret",        "sessionid", "sid",       "signature", "token",  "api_key"};
constexpr std::array<std::string_view, 3> schemes = {"bearer", "basic", "digest"};

bool ends_word(char c) {
    constexpr std::string_view ends = " \t\r\n\"'`()<>[]{},;";
    return ends.find(c) != ends.npos;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool looks_like_key(std::string_view word) {
    std::size_t run = 0;
    bool digits = false;
    for (char c : word) {
        bool digit = c >= '0' && c <= '9';
        bool belongs = digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                       c == '-' || c == '+' || c == '=';
        run = belongs ? run + 1 : 0;
        digits = belongs && (digits || digit);
        if (run >= key_bytes_min && digits) return true;
    }
    return word.starts_with("eyJ") || word.starts_with("pk_");
}

bool has_address(std::string_view word) {
    return word.find('@') != word.npos || word.find("%40") != word.npos;
}

/// One word; `of_secret`: what stands before it says that it is one.
std::string scrubbed_word(std::string_view word, bool of_secret) {
    if (of_secret || looks_like_key(word)) return "[secret]";
    if (has_address(word)) return "[address]";
    auto equals = word.find_first_of("=:");
    if (equals != word.npos && equals + 1 < word.size() &&
        is_one_of(secret_names, lower(word.substr(0, equals)))) {
        return std::string(word.substr(0, equals + 1)) + "[secret]";
    }
    return std::string(word);
}

/// How much of a text stands from a `?` on that something is asked with: to the next blank or
/// quotation mark. 0: nothing is.
std::size_t query_bytes(std::string_view text) {
    if (!text.starts_with('?')) return 0;
    auto end = std::min(text.find_first_of(" \t\r\n\""), text.size());
    return end > 1 ? end : 0;
}

/// Whether the word after this one is a secret: `password:`, `Bearer`; `before`: the word before
/// it.
bool announces(std::string_view word, std::string_view before) {
    auto name = lower(word);
    if (is_one_of(schemes, name)) return true;
    if (name == ":" || name == "=") return is_one_of(secret_names, lower(before));
    if (name.empty() || (name.back() != ':' && name.back() != '=')) return false;
    name.pop_back();
    return is_one_of(secret_names, name);
}

}  // namespace

std::string scrubbed(std::string_view text) {
    std::string out;
    bool of_secret = false;
    std::string_view before;
    while (!text.empty() && out.size() < text_bytes_max) {
        if (ends_word(text.front())) {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        if (auto bytes = query_bytes(text); bytes > 0) {
            out += "?…";
            text.remove_prefix(bytes);
            continue;
        }
        // A word ends before the `?` of a query, and not at another one.
        auto ends = [&text](const char& c) {
            auto at = static_cast<std::size_t>(&c - text.data());
            return ends_word(c) || (at > 0 && query_bytes(text.substr(at)) > 0);
        };
        auto end = std::find_if(text.begin(), text.end(), ends);
        auto word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        bool next = announces(word, before);
        // `Authorization: Bearer …`: the scheme itself may be known.
        bool is_scheme = of_secret && is_one_of(schemes, lower(word));
        out += scrubbed_word(word, of_secret && !is_scheme);
        of_secret = next || is_scheme;
        before = word;
        text.remove_prefix(word.size());
    }
    if (out.size() > text_bytes_max || !text.empty()) {
        auto size = std::min(out.size(), text_bytes_max);
        while (size > 0 && (static_cast<unsigned char>(out[size - 1]) & 0xc0) == 0x80) --size;
        if (size > 0 && static_cast<unsigned char>(out[size - 1]) >= 0xc0) --size;
        out.resize(size);
        out += "…";
    }
    return out;
}

}  // namespace telemetry
