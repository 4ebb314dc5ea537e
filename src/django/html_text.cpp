#include "html_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "names.hpp"

namespace django {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::string unescaped(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> known = {
        {{"&amp;", "&"},
         {"&lt;", "<"},
         {"&gt;", ">"},
         {"&quot;", "\""},
         {"&#39;", "'"},
         {"&#x27;", "'"},
         {"&nbsp;", " "}}};
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto* found = text[i] == '&'
                                ? std::find_if(known.begin(), known.end(),
                                               [&](const auto& one) {
                                                   return text.substr(i).starts_with(one.first);
                                               })
                                : known.end();
        if (found == known.end()) {
            out += text[i++];
        } else {
            out += found->second;
            i += found->first.size();
        }
    }
    return out;
}

/// The tag that begins at `at`, a `<`; moves behind it. Nothing, if none does.
bool take_tag(std::string_view html, std::size_t& at, Tag& tag) {
    auto i = at + 1;
    tag = {};
    if (i < html.size() && html[i] == '/') {
        tag.closes = true;
        ++i;
    }
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (i >= html.size() || !is_letter(html[i])) return false;
    auto name_end = i;
    while (name_end < html.size() && !is_space(html[name_end]) && html[name_end] != '>' &&
           html[name_end] != '/') {
        ++name_end;
    }
    tag.name = lower(html.substr(i, name_end - i));
    i = name_end;
    while (i < html.size() && html[i] != '>') {
        if (is_space(html[i]) || html[i] == '/') {
            ++i;
            continue;
        }
        auto begin = i;
        while (i < html.size() && !is_space(html[i]) && html[i] != '=' && html[i] != '>' &&
               html[i] != '/') {
            ++i;
        }
        // A lone `=` is nobody's name.
        if (i == begin) ++i;
        auto name = lower(html.substr(begin, i - begin));
        while (i < html.size() && is_space(html[i])) ++i;
        std::string value;
        if (i < html.size() && html[i] == '=') {
            ++i;
            while (i < html.size() && is_space(html[i])) ++i;
            char quote = i < html.size() ? html[i] : '\0';
            bool quoted = quote == '"' || quote == '\'';
            if (quoted) ++i;
            begin = i;
            while (i < html.size() &&
                   (quoted ? html[i] != quote : !is_space(html[i]) && html[i] != '>')) {
                ++i;
            }
            value = unescaped(html.substr(begin, i - begin));
            if (quoted && i < html.size()) ++i;
        }
        if (tag.attributes.size() < 64)
            tag.attributes.try_emplace(std::move(name), std::move(value));
    }
    if (i >= html.size()) return false;
    at = i + 1;
    return true;
}

/// No tag begins there or later: else each `<` of a long text without any would look through all of
/// it.
std::size_t end_of_tags(std::string_view html) {
    auto last = html.rfind('>');
    return last == html.npos ? 0 : last;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else {
            out += c;
        }
    }
    return out;
}

std::string plain_text(std::string_view html) {
    auto ends = end_of_tags(html);
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
        if (i < ends && html[i] == '<' && take_tag(html, behind, tag)) {
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
    std::string out;
    for (char c : unescaped(text)) {
        if (!is_space(c)) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    return std::string(base::trim(out));
}

bool has_script(std::string_view html) {
    auto ends = end_of_tags(html);
    for (std::size_t i = 0; i < html.size();) {
        Tag tag;
        auto behind = i;
        if (i >= ends || html[i] != '<' || !take_tag(html, behind, tag)) {
            ++i;
            continue;
        }
        i = behind;
        if (tag.name == "script") return true;
        for (const auto& [name, value] : tag.attributes) {
            if (name.starts_with("on")) return true;
            std::string address;
            for (char c : value) {
                if (static_cast<unsigned char>(c) > ' ') address += c;
            }
            if (lower(address).starts_with("javascript:")) return true;
        }
    }
    return false;
}

std::string replace_tags(std::string_view html,
                         const std::function<bool(const Tag&, std::string& out)>& replace) {
    auto ends = end_of_tags(html);
    std::string out;
    for (std::size_t i = 0; i < html.size();) {
        Tag tag;
        auto behind = i;
        if (i >= ends || html[i] != '<' || !take_tag(html, behind, tag)) {
            out += html[i++];
            continue;
        }
        if (!replace(tag, out)) out += html.substr(i, behind - i);
        i = behind;
    }
    return out;
}

}  // namespace django
