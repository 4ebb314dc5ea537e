#include "html_reader.hpp"

#include <algorithm>

namespace news {

namespace {

constexpr std::string_view white_space = " \t\n\r\f";
constexpr std::size_t attributes_max = 100;
constexpr std::size_t tag_name_max = 32;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char small(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool is_html_space(char c) {
    return white_space.find(c) != white_space.npos;
}

std::string to_small_letters(std::string_view text) {
    std::string made(text);
    std::transform(made.begin(), made.end(), made.begin(), small);
    return made;
}

bool is_same_word(std::string_view written, std::string_view small_letters) {
    return std::equal(written.begin(), written.end(), small_letters.begin(), small_letters.end(),
                      [](char a, char b) { return small(a) == b; });
}

const HtmlAttribute* HtmlToken::find(std::string_view attribute) const {
    for (const auto& one : attributes) {
        if (is_same_word(one.name, attribute)) return &one;
    }
    return nullptr;
}

bool HtmlReader::next() {
    if (left_.empty()) return false;
    token_ = {};
    bool is_markup = left_[0] == '<' && left_.size() > 1 &&
                     (is_letter(left_[1]) || left_[1] == '!' || left_[1] == '?' || left_[1] == '/');
    if (is_markup) {
        read_markup();
    } else {
        read_text();
    }
    return true;
}

/// Up to the next `<`, which begins a text of its own if it begins nothing else.
void HtmlReader::read_text() {
    auto end = left_.find('<', 1);
    token_.text = left_.substr(0, end);
    left_.remove_prefix(token_.text.size());
}

void HtmlReader::read_markup() {
    if (is_letter(left_[1])) {
        left_.remove_prefix(1);
        token_.kind = HtmlToken::Kind::start_tag;
        return read_tag();
    }
    if (left_[1] == '/' && left_.size() > 2 && is_letter(left_[2])) {
        left_.remove_prefix(2);
        token_.kind = HtmlToken::Kind::end_tag;
        return read_tag();
    }
    if (left_ == "</") return read_text();
    token_.kind = HtmlToken::Kind::comment;
    read_comment();
}

/// Also what browsers take for one: `<!DOCTYPE>`, `<![CDATA[>`, `<?xml?>`, `</ >`.
void HtmlReader::read_comment() {
    if (!left_.starts_with("<!--")) return skip_past(">");
    left_.remove_prefix(4);
    if (left_.starts_with('>') || left_.starts_with("->")) return skip_past(">");
    for (;;) {
        auto dashes = left_.find("--");
        if (dashes == left_.npos) return skip_rest();
        left_.remove_prefix(dashes + 2);
        // Three dashes may be one and the end.
        while (left_.starts_with('-')) left_.remove_prefix(1);
        if (left_.starts_with('>') || left_.starts_with("!>")) return skip_past(">");
    }
}

void HtmlReader::read_tag() {
    auto name = take_until(" \t\n\r\f/>");
    if (name.size() <= tag_name_max) token_.name = to_small_letters(name);
    read_attributes();
}

void HtmlReader::read_attributes() {
    for (;;) {
        skip_white_space();
        // A tag without an end is none, nor is it text.
        if (left_.empty()) {
            token_ = {};
            token_.kind = HtmlToken::Kind::comment;
            return;
        }
        if (left_[0] == '>') {
            left_.remove_prefix(1);
            return;
        }
        if (left_[0] == '/') {
            left_.remove_prefix(1);
            token_.self_closing = left_.starts_with('>');
            continue;
        }
        read_attribute();
    }
}

void HtmlReader::read_attribute() {
    HtmlAttribute attribute;
    auto whole = left_;
    // A sign of equality where a name is due is its first letter.
    left_.remove_prefix(1);
    auto rest = take_until(" \t\n\r\f/>=");
    attribute.name = whole.substr(0, 1 + rest.size());
    skip_white_space();
    if (left_.starts_with('=')) {
        left_.remove_prefix(1);
        skip_white_space();
        bool is_quoted = left_.starts_with('"') || left_.starts_with('\'');
        if (is_quoted) {
            auto quote = left_.substr(0, 1);
            left_.remove_prefix(1);
            attribute.value = take_until(quote);
            if (!left_.empty()) left_.remove_prefix(1);
        } else {
            attribute.value = take_until(" \t\n\r\f>");
        }
    }
    bool is_end = token_.kind == HtmlToken::Kind::end_tag;
    if (!is_end && token_.attributes.size() < attributes_max) {
        token_.attributes.push_back(attribute);
    }
}

void HtmlReader::skip_text_of(std::string_view name) {
    for (;;) {
        skip_past("</");
        if (left_.empty()) return;
        if (left_.size() <= name.size() || !is_same_word(left_.substr(0, name.size()), name)) {
            continue;
        }
        char after = left_[name.size()];
        if (after != '>' && after != '/' && !is_html_space(after)) continue;
        token_ = {};
        token_.kind = HtmlToken::Kind::end_tag;
        return read_tag();
    }
}

bool HtmlReader::skip_ended_text_of(std::string_view name) {
    auto all = left_;
    skip_text_of(name);
    bool is_ended = token_.kind == HtmlToken::Kind::end_tag;
    if (!is_ended) left_ = all;
    return is_ended;
}

void HtmlReader::skip_white_space() {
    auto first = left_.find_first_not_of(white_space);
    left_.remove_prefix(std::min(first, left_.size()));
}

std::string_view HtmlReader::take_until(std::string_view ends) {
    auto part = left_.substr(0, left_.find_first_of(ends));
    left_.remove_prefix(part.size());
    return part;
}

void HtmlReader::skip_past(std::string_view end) {
    auto found = left_.find(end);
    left_.remove_prefix(found == left_.npos ? left_.size() : found + end.size());
}

}  // namespace news
