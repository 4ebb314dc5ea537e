#include "privacy.hpp"

#include <algorithm>
#include <array>

#include "names.hpp"

namespace django {

namespace {

constexpr std::array<std::string_view, 12> words = {
    "password", "passwd",  "passphrase", "secret", "token", "email",
    "e_mail",   "session", "credential", "salt",   "phone", "ip_address"};
constexpr std::array<std::string_view, 8> hashes = {"pbkdf2_", "argon2", "bcrypt", "scrypt$",
                                                    "sha1$",   "md5$",   "$2a$",   "$2b$"};

template <std::size_t count>
bool has_one(std::string_view text, const std::array<std::string_view, count>& of) {
    return std::any_of(of.begin(), of.end(),
                       [&](std::string_view word) { return text.find(word) != text.npos; });
}

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

bool is_private_field(std::string_view name) {
    auto plain = lower(name);
    // A whole word only: `keywords` are none.
    bool key = plain == "key" || plain.ends_with("_key");
    return key || has_one(plain, words);
}

bool is_private_value(std::string_view text) {
    return text.find('@') != text.npos || has_one(text, hashes);
}

bool mentions_private(std::string_view row) {
    auto plain = lower(row);
    if (is_private_value(plain)) return true;
    // A name stands before each colon, in quotes of JSON, of Python, or of JSON within a text.
    for (auto colon = plain.find(':'); colon != plain.npos; colon = plain.find(':', colon + 1)) {
        auto end = colon;
        while (end > 0 && (plain[end - 1] == ' ' || plain[end - 1] == '"' ||
                           plain[end - 1] == '\'' || plain[end - 1] == '\\')) {
            --end;
        }
        auto begin = end;
        while (begin > 0 && is_name_letter(plain[begin - 1])) --begin;
        if (is_private_field(std::string_view(plain).substr(begin, end - begin))) return true;
    }
    return false;
}

}  // namespace django
