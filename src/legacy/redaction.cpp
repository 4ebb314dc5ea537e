#include "redaction.hpp"

#include <algorithm>
#include <array>

#include "base/json_writer.hpp"

namespace legacy {

namespace {

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The words of `access_token`, `access-token` or `accessToken`, in small letters, each with a
/// space before and after it.
std::string words_of(std::string_view name) {
    std::string words = " ";
    bool was_small = false;
    for (char c : name) {
        bool is_large = c >= 'A' && c <= 'Z';
        bool separates = !is_alphanumeric(c);
        if ((separates || (is_large && was_small)) && words.back() != ' ') words += ' ';
        if (!separates) words += to_lower(c);
        was_small = !separates && !is_large;
    }
    if (words.back() != ' ') words += ' ';
    return words;
}

template <std::size_t count>
bool has_one_of(std::string_view text, const std::array<std::string_view, count>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](auto part) { return text.find(part) != text.npos; });
}

/// Of an e-mail address before its `@`, and of a token.
bool is_word(char c) {
    return is_alphanumeric(c) ||
           std::string_view("._%+-~!#$&'*/=?^`{|}").find(c) != std::string::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_token(char c) {
    return is_alphanumeric(c) || std::string_view("._-+/=~").find(c) != std::string::npos;
}

/// Of a parameter's name, encoded or not.
bool is_name(char c) {
    return is_alphanumeric(c) || std::string_view("_-.%;[]").find(c) != std::string::npos;
}

bool is_host(char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// How many bytes an `@` at `at` has: three where it is percent-encoded; 0: there is none.
std::size_t at_sign(std::string_view text, std::size_t at) {
    if (text[at] == '@') return 1;
    return text.substr(at, 3) == "%40" ? 3 : 0;
}

/// Also what bounds the work for a text of nothing but signs.
constexpr std::size_t address_bytes_max = 320;

/// Blanks what stands on both sides of each `@`. An address that was cut is one, too.
std::string without_addresses(std::string_view text) {
    std::string out;
    std::size_t kept = 0;  // `out` has everything before that
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto sign = at_sign(text, i);
        if (sign == 0) continue;
        auto begin = i;
        while (begin > kept && i - begin < address_bytes_max && is_word(text[begin - 1])) --begin;
        auto end = i + sign;
        while (end < text.size() && is_host(text[end])) ++end;
        if (begin == i || end == i + sign) continue;
        // `?a=b&email=ann@…`: what stands before the value is no part of the address.
        auto value = text.substr(begin, i - begin).find_last_of("/?&=#'{|}");
        if (value != text.npos) begin += value + 1;
        out += text.substr(kept, begin - kept);
        out += blank;
        kept = end;
        i = end - 1;
    }
    out += text.substr(kept);
    return out;
}

/// Blanks what follows `mark` and looks like a token, together with the mark.
std::string without_tokens(std::string text, std::string_view mark, std::size_t length_min) {
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        auto end = at + mark.size();
        while (end < text.size() && is_token(text[end])) ++end;
        bool is_one = end - at >= length_min && (at == 0 || !is_token(text[at - 1]));
        if (is_one) text.replace(at, end - at, blank);
        at += is_one ? blank.size() : mark.size();
    }
    return text;
}

/// The length of the UTF-8 sequence at the start of `text`; 0: it is none.
std::size_t sequence_length(std::string_view text) {
    auto lead = static_cast<unsigned char>(text[0]);
    std::size_t length = lead < 0x80                   ? 1
                         : lead >= 0xC2 && lead < 0xE0 ? 2
                         : lead >= 0xE0 && lead < 0xF0 ? 3
                         : lead >= 0xF0 && lead < 0xF5 ? 4
                                                       : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
    }
    auto second = length > 1 ? static_cast<unsigned char>(text[1]) : 0;
    bool is_bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                  (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return is_bad ? 0 : length;
}

/// Valid UTF-8 of at most `bytes_max`, in which other bytes and control characters are `?` and
/// spaces.
std::string printable(std::string_view text, std::size_t bytes_max) {
    constexpr std::string_view ellipsis = "…";
    std::string out;
    auto whole = text.size() <= bytes_max;
    auto room = whole || bytes_max < ellipsis.size() ? bytes_max : bytes_max - ellipsis.size();
    while (!text.empty()) {
        auto length = sequence_length(text);
        auto taken = std::max<std::size_t>(length, 1);
        if (out.size() + taken > room) break;
        bool is_control = static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F;
        if (length == 0) {
            out += '?';
        } else if (is_control) {
            out += ' ';
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(taken);
    }
    if (!text.empty() && bytes_max >= ellipsis.size()) out += ellipsis;
    return out;
}

/// Blanks the values of parameters with a personal name, as URLs in a text have them.
std::string without_parameters(std::string_view text) {
    constexpr std::size_t name_bytes_max = 64;
    std::string out;
    std::size_t kept = 0;  // `out` has everything before that
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '?' && text[i] != '&') continue;
        auto equals = i + 1;
        while (equals < text.size() && is_name(text[equals])) ++equals;
        auto name = text.substr(i + 1, equals - i - 1);
        bool has_value = equals < text.size() && text[equals] == '=';
        if (!has_value || name.size() > name_bytes_max || !is_personal(name)) continue;
        out += text.substr(kept, equals + 1 - kept);
        out += blank;
        kept = std::min(text.find_first_of("&#\"'<> \t\r\n", equals), text.size());
        i = kept - 1;
    }
    out += text.substr(kept);
    return out;
}

/// Without parameters, addresses and tokens, at its full length.
std::string blanked(std::string_view text) {
    auto out = without_addresses(without_parameters(text));
    out = without_tokens(std::move(out), "Bearer ", 12);
    out = without_tokens(std::move(out), "Basic ", 10);
    return without_tokens(std::move(out), "eyJ", 20);
}

/// A segment that says: a secret follows.
bool precedes_secret(std::string_view segment) {
    constexpr std::array<std::string_view, 8> words = {" reset ",  " confirm ",     " activate ",
                                                       " verify ", " unsubscribe ", " invite ",
                                                       " magic ",  " invitation "};
    return is_personal(segment) || has_one_of(words_of(segment), words);
}

std::string redacted_path(std::string_view path) {
    std::string out;
    bool secret = false;
    while (!path.empty()) {
        auto end = std::min(path.find('/', 1), path.size());
        auto segment = path.substr(0, end);
        auto name = segment.substr(segment.starts_with('/') ? 1 : 0);
        if (secret && !name.empty()) {
            out += '/';
            out += blank;
        } else {
            out += segment;
        }
        secret = secret || precedes_secret(name);
        path.remove_prefix(end);
    }
    return out;
}

/// Writes a value for a person to look at. What comes after so many bytes is left out, so the end
/// is no JSON then.
class Writer {
public:
    Writer(std::string& out, std::size_t bytes_max)
        : out_(out), json_(out), bytes_max_(bytes_max) {}

    void write(const Value& value) {
        switch (value.kind) {
            case Value::Kind::null:
                json_.value(nullptr);
                break;
            case Value::Kind::boolean:
                json_.value(value.text == "true");
                break;
            case Value::Kind::number:
                write_number(value.text);
                break;
            case Value::Kind::text:
                json_.value(std::string_view(blanked(value.text)));
                break;
            case Value::Kind::array:
                write_array(value);
                break;
            case Value::Kind::object:
                write_object(value);
                break;
        }
    }

private:
    bool is_full() const { return out_.size() > bytes_max_; }

    /// The writer knows only whole numbers: a digit keeps its place, and gets the others.
    void write_number(const std::string& digits) {
        json_.value(0);
        out_.pop_back();
        out_ += digits;
    }
    void write_array(const Value& array) {
        json_.open('[');
        for (const auto& item : array.items) {
            if (is_full()) return;
            write(item);
        }
        json_.close(']');
    }
    void write_object(const Value& object) {
        json_.open('{');
        for (std::size_t i = 0; i < object.names.size(); ++i) {
            if (is_full()) return;
            json_.name(object.names[i]);
            if (is_personal(object.names[i])) {
                json_.value(blank);
            } else {
                write(object.items[i]);
            }
        }
        json_.close('}');
    }

    std::string& out_;
    base::JsonWriter json_;
    std::size_t bytes_max_;
};

}  // namespace

bool is_personal(std::string_view name) {
    // Of one word, or run together with others.
    constexpr std::array<std::string_view, 18> parts = {
        "password", "passwd",  "passphrase", "secret",    "token",         "email",
        "phone",    "session", "csrf",       "xsrf",      "authorization", "credential",
        "cookie",   "apikey",  "jwt",        "signature", "birthd",        "iban"};
    constexpr std::array<std::string_view, 19> words = {
        " e mail ", " mail ",   " api key ",  " mobile ", " fax ", " tel ", " pin ",
        " otp ",    " ssn ",    " pwd ",      " sid ",    " dob ", " ip ",  " auth ",
        " birth ",  " street ", " postcode ", " zip ",    " sig "};
    auto spaced = words_of(name);
    if (has_one_of(spaced, words)) return true;
    std::erase(spaced, ' ');
    return has_one_of(spaced, parts);
}

std::string redacted_text(std::string_view text, std::size_t bytes_max) {
    return printable(blanked(text), bytes_max);
}

std::string redacted_target(std::string_view target, std::size_t bytes_max) {
    auto path_end = std::min(target.find('?'), target.size());
    auto out = redacted_path(target.substr(0, path_end));
    out += target.substr(path_end);
    return redacted_text(out, bytes_max);
}

std::string redacted_json(const Value& value, std::size_t bytes_max) {
    std::string out;
    Writer(out, bytes_max).write(value);
    return printable(out, bytes_max);
}

Excerpts redacted_excerpts(std::string_view left, std::string_view right, std::size_t bytes_max) {
    auto a = blanked(left);
    auto b = blanked(right);
    auto [differ, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    auto at = static_cast<std::size_t>(differ - a.begin());
    // All that differs was blanked.
    if (differ == a.end() && other == b.end()) return {std::string(blank), std::string(blank)};
    auto begin = at - std::min(at, bytes_max / 4);
    while (begin > 0 && (static_cast<unsigned char>(a[begin]) & 0xC0) == 0x80) --begin;
    auto part = [&](const std::string& text) {
        return printable(std::string_view(text).substr(std::min(begin, text.size())), bytes_max);
    };
    return {part(a), part(b)};
}

}  // namespace legacy
