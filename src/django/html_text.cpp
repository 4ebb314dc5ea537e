#include "html_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/html_characters.hpp"
#include "base/text.hpp"
#include "names.hpp"

namespace django {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// Takes the tags of a text, one after the other, in one pass.
class TagReader {
public:
    explicit TagReader(std::string_view html)
        : html_(html), ends_(std::min(html.rfind('>'), html.size())) {}

    /// The tag that begins at `at`; moves behind it. False, if none does.
    bool take(std::size_t& at, Tag& tag) {
        if (at >= ends_ || html_[at] != '<') return false;
        auto i = at + 1;
        tag = {};
        if (i < html_.size() && html_[i] == '/') {
            tag.closes = true;
            ++i;
        }
        auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        if (i >= html_.size() || !is_letter(html_[i])) return false;
        auto name_end = i;
        while (name_end < html_.size() && !is_space(html_[name_end]) && html_[name_end] != '>' &&
               html_[name_end] != '/') {
            ++name_end;
        }
        tag.name = lower(html_.substr(i, name_end - i));
        i = name_end;
        while (i < html_.size() && html_[i] != '>') {
            if (is_space(html_[i]) || html_[i] == '/') {
                ++i;
                continue;
            }
            auto begin = i;
            while (i < html_.size() && !is_space(html_[i]) && html_[i] != '=' && html_[i] != '>' &&
                   html_[i] != '/') {
                ++i;
            }
            // A lone `=` is nobody's name.
            if (i == begin) ++i;
            auto name = lower(html_.substr(begin, i - begin));
            while (i < html_.size() && is_space(html_[i])) ++i;
            std::string value;
            if (i < html_.size() && html_[i] == '=') {
                ++i;
                while (i < html_.size() && is_space(html_[i])) ++i;
                char quote = i < html_.size() ? html_[i] : '\0';
                bool quoted = quote == '"' || quote == '\'';
                if (quoted) ++i;
                begin = i;
                while (i < html_.size() &&
                       (quoted ? html_[i] != quote : !is_space(html_[i]) && html_[i] != '>')) {
                    ++i;
                }
                value = base::decode_html(html_.substr(begin, i - begin), base::HtmlPlace::value);
                if (quoted && i < html_.size()) ++i;
            }
            if (tag.attributes.size() < 64)
                tag.attributes.try_emplace(std::move(name), std::move(value));
        }
        if (i >= html_.size()) {
            // What has no end hides the end of all that follows; else each `<` would look for it
            // again.
            ends_ = at;
            return false;
        }
        at = i + 1;
        return true;
    }

private:
    std::string_view html_;
    std::size_t ends_;  ///< no tag begins here or later
};

/// The ASCII character of a reference (`&#x6A;`, `&colon;`) at the beginning of a text, and how
/// long that is; 0: there is none.
std::pair<char, std::size_t> reference_at(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 6> named = {{{"&colon;", ':'},
                                                                                {"&tab;", '\t'},
                                                                                {"&newline;", '\n'},
                                                                                {"&lpar;", '('},
                                                                                {"&quot;", '"'},
                                                                                {"&equals;", '='}}};
    for (const auto& [name, character] : named) {
        if (lower(text.substr(0, name.size())) == name) return {character, name.size()};
    }
    if (!text.starts_with("&#")) return {'\0', 0};
    bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
    std::size_t i = hex ? 3 : 2;
    unsigned code = 0;
    for (; i < text.size(); ++i) {
        auto c = static_cast<unsigned char>(text[i]);
        bool decimal = c >= '0' && c <= '9';
        auto letter = static_cast<unsigned>(c | 0x20) - 'a';
        if (!decimal && !(hex && letter < 6)) break;
        auto digit = decimal ? static_cast<unsigned>(c - '0') : letter + 10;
        code = std::min(code * (hex ? 16U : 10U) + digit, 1000U);
    }
    if (i < text.size() && text[i] == ';') ++i;
    return {code > 0 && code < 0x80 ? static_cast<char>(code) : '\0', i};
}

/// In small letters, with what stands there as references. That of `<` begins no tag, and stays.
std::string as_browsers_read(std::string_view html) {
    std::string out;
    out.reserve(html.size());
    for (std::size_t i = 0; i < html.size();) {
        auto plain = std::min(html.find('&', i), html.size());
        out.append(html, i, plain - i);
        i = plain;
        if (i == html.size()) break;
        auto [character, size] = reference_at(html.substr(i));
        if (character == '\0' || character == '<') {
            out += html[i++];
        } else {
            out += character;
            i += size;
        }
    }
    return lower(out);
}

/// Where a word is, from `from` on; text.size(): nowhere. Not by the first letter, as find() of a
/// string looks: that of `on` is everywhere.
std::size_t place_of(std::string_view word, std::string_view text, std::size_t from = 0) {
    const void* found = memmem(text.data() + from, text.size() - from, word.data(), word.size());
    if (!found) return text.size();
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// ` onclick =`, anywhere behind the beginning of a tag.
bool has_handler(std::string_view text) {
    auto is_letter = [&](std::size_t i) {
        return i < text.size() && text[i] >= 'a' && text[i] <= 'z';
    };
    std::size_t first = text.find('<');
    while (first != text.npos && !is_letter(first + 1)) first = text.find('<', first + 1);
    if (first == text.npos) return false;
    for (auto at = place_of("on", text, first); at < text.size();
         at = place_of("on", text, at + 2)) {
        char before = text[at - 1];
        if (!is_space(before) && before != '/' && before != '"' && before != '\'') continue;
        auto end = at + 2;
        while (is_letter(end)) ++end;
        bool named = end - at >= 5;
        while (end < text.size() && is_space(text[end])) ++end;
        if (named && end < text.size() && text[end] == '=') return true;
    }
    return false;
}

/// Browsers pass over them within an address.
bool is_passed_over(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

/// `word` right before `at`, or right behind it, but for what is passed over; moves `at` over it.
bool take_before(std::string_view text, std::size_t& at, std::string_view word) {
    auto i = at;
    for (; !word.empty() && i > 0; --i) {
        if (is_passed_over(text[i - 1])) continue;
        if (text[i - 1] != word.back()) return false;
        word.remove_suffix(1);
    }
    at = i;
    return word.empty();
}
bool is_behind(std::string_view text, std::size_t at, std::string_view word) {
    for (; !word.empty() && at < text.size(); ++at) {
        if (is_passed_over(text[at])) continue;
        if (text[at] != word.front()) return false;
        word.remove_prefix(1);
    }
    return word.empty();
}

/// An address that is a program (`javascript:`), where an address may stand.
bool has_program(std::string_view text) {
    static constexpr std::string_view places = "=\"'(<:;";
    for (auto colon = text.find(':'); colon != text.npos; colon = text.find(':', colon + 1)) {
        for (std::string_view scheme : {"javascript", "vbscript", "data"}) {
            auto begin = colon;
            if (!take_before(text, begin, scheme)) continue;
            if (scheme == "data" && !is_behind(text, colon + 1, "text/html")) continue;
            while (begin > 0 && is_passed_over(text[begin - 1])) --begin;
            if (begin == 0 || places.find(text[begin - 1]) != places.npos) return true;
        }
    }
    return false;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    base::append_html(out, text, base::HtmlPlace::value);
    return out;
}

std::string plain_text(std::string_view html) {
    TagReader tags(html);
    std::string text;
    std::string hidden;  ///< the element whose content nobody sees
    for (std::size_t i = 0; i < html.size();) {
        if (html.substr(i).starts_with("<!--")) {
            auto end = html.find("-->", i);
            i = end == html.npos ? html.size() : end + 3;
            continue;
        }
        Tag tag;
        auto behind = i;
        if (tags.take(behind, tag)) {
            bool hides = tag.name == "script" || tag.name == "style";
            if (hidden.empty() && hides && !tag.closes) hidden = tag.name;
            if (tag.closes && tag.name == hidden) hidden.clear();
            static constexpr std::array<std::string_view, 6> inline_names = {
                "a", "b", "i", "em", "strong", "span"};
            bool within =
                std::find(inline_names.begin(), inline_names.end(), tag.name) != inline_names.end();
            if (!within) text += ' ';
            i = behind;
            continue;
        }
        if (hidden.empty()) text += html[i];
        ++i;
    }
    constexpr std::string_view no_break_space = "\xC2\xA0";
    auto decoded = base::decode_html(text, base::HtmlPlace::text);
    std::string out;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
        bool wide = std::string_view(decoded).substr(i).starts_with(no_break_space);
        if (!wide && !is_space(decoded[i])) {
            out += decoded[i];
            continue;
        }
        if (!out.empty() && out.back() != ' ') out += ' ';
        if (wide) ++i;
    }
    return std::string(base::trim(out));
}

bool has_script(std::string_view html) {
    auto text = as_browsers_read(html);
    for (auto tag = text.find('<'); tag != text.npos; tag = text.find('<', tag + 1)) {
        auto name = std::string_view(text).substr(tag + 1);
        for (std::string_view active : {"script", "object", "embed"}) {
            if (name.starts_with(active)) return true;
        }
    }
    return place_of("srcdoc", text) < text.size() || has_handler(text) || has_program(text);
}

std::string replace_tags(std::string_view html,
                         const std::function<bool(const Tag&, std::string& out)>& replace) {
    TagReader tags(html);
    std::string out;
    for (std::size_t i = 0; i < html.size();) {
        Tag tag;
        auto behind = i;
        if (!tags.take(behind, tag)) {
            out += html[i++];
            continue;
        }
        if (!replace(tag, out)) out += html.substr(i, behind - i);
        i = behind;
    }
    return out;
}

}  // namespace django
