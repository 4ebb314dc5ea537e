#include "html_text.hpp"

#include <algorithm>
#include <array>

#include "base/html_characters.hpp"
#include "base/unicode.hpp"

namespace legacy {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

template <std::size_t count>
bool is_one_of(std::string_view name, const std::array<std::string_view, count>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Elements within a line of text: their tags separate nothing.
bool is_inline(std::string_view name) {
    constexpr std::array<std::string_view, 31> names = {
        "a",    "abbr",   "acronym", "b",   "bdi", "bdo",  "big",  "cite", "code", "data", "del",
        "dfn",  "em",     "font",    "i",   "ins", "kbd",  "mark", "q",    "s",    "samp", "small",
        "span", "strike", "strong",  "sub", "sup", "time", "tt",   "u",    "var"};
    return is_one_of(name, names);
}

/// Elements whose content is no text of the page.
bool is_hidden(std::string_view name) {
    constexpr std::array<std::string_view, 5> names = {"script", "style", "template", "noscript",
                                                       "iframe"};
    return is_one_of(name, names);
}

/// Reads a page from its start to its end.
class Reader {
public:
    explicit Reader(std::string_view page) : page_(page) {}

    std::string read() {
        while (at_ < page_.size()) {
            char c = page_[at_];
            if (c == '<' && skip_markup()) continue;
            if (c == '&' && take_reference()) continue;
            if (page_.substr(at_, 2) == "\xC2\xA0") {
                gap_ = true;
                at_ += 2;
                continue;
            }
            put(c);
            ++at_;
        }
        return std::move(out_);
    }

private:
    void put(char c) {
        if (is_space(c)) {
            gap_ = true;
        } else {
            close_gap();
            out_ += c;
        }
    }
    void close_gap() {
        if (gap_ && !out_.empty()) out_ += ' ';
        gap_ = false;
    }

    /// Behind the next `end`, or at the end of the page.
    void skip_behind(std::string_view end) {
        auto found = page_.find(end, at_);
        at_ = found == page_.npos ? page_.size() : found + end.size();
    }

    /// False: this `<` is text.
    bool skip_markup() {
        auto rest = page_.substr(at_ + 1);
        if (rest.starts_with("!--")) {
            at_ += 4;
            skip_behind("-->");
            return true;
        }
        if (rest.starts_with('!') || rest.starts_with('?')) {
            skip_behind(">");
            return true;
        }
        bool closes = rest.starts_with('/');
        if (closes) rest.remove_prefix(1);
        if (rest.empty() || !is_letter(rest.front())) return false;
        at_ += closes ? 2 : 1;
        skip_tag(closes);
        return true;
    }

    void skip_tag(bool closes) {
        auto begin = at_;
        while (at_ < page_.size() && !is_space(page_[at_]) && page_[at_] != '>' &&
               page_[at_] != '/')
            ++at_;
        auto name = lower(page_.substr(begin, at_ - begin));
        skip_attributes();
        if (!is_inline(name)) gap_ = true;
        if (!closes && is_hidden(name)) skip_content(name);
    }

    /// A `>` in quotes ends no tag.
    void skip_attributes() {
        char quote = 0;
        for (; at_ < page_.size(); ++at_) {
            char c = page_[at_];
            if (quote != 0) {
                if (c == quote) quote = 0;
            } else if ((c == '"' || c == '\'') && page_[at_ - 1] == '=') {
                quote = c;
            } else if (c == '>') {
                ++at_;
                return;
            }
        }
    }

    /// To the tag that closes the element; to the end of the page if there is none.
    void skip_content(std::string_view name) {
        while (at_ < page_.size()) {
            skip_behind("</");
            if (lower(page_.substr(at_, name.size())) == name) return skip_attributes();
        }
    }

    bool take_reference() {
        constexpr std::size_t longest = 10;
        auto end = page_.substr(at_, longest).find(';');
        if (end == page_.npos) return false;
        auto code = base::html_character(page_.substr(at_ + 1, end - 1));
        if (code == 0) return false;
        at_ += end + 1;
        // Spaces of other kinds are white space as well.
        bool is_wide = code == 0xA0 || (code >= 0x2000 && code <= 0x200A);
        if (is_wide || (code < 0x80 && is_space(static_cast<char>(code)))) {
            gap_ = true;
        } else if (code != 0xAD) {
            close_gap();
            base::append_utf8(out_, code);
        }
        return true;
    }

    std::string_view page_;
    std::size_t at_ = 0;
    std::string out_;
    bool gap_ = false;  ///< white space came since the last character
};

}  // namespace

std::string html_text(std::string_view page) {
    return Reader(page).read();
}

}  // namespace legacy
