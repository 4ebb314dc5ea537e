#include "html_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

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

void append_utf8(std::string& out, std::uint32_t code) {
    auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0 | (code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0 | (code >> 12));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | (code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// U+00A0 to U+00FF, in their order.
constexpr std::array<std::string_view, 96> latin = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

/// Further ones that text of a newsroom has.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 27> named = {
    {{"amp", '&'},       {"lt", '<'},       {"gt", '>'},        {"quot", '"'},
     {"apos", '\''},     {"ndash", 0x2013}, {"mdash", 0x2014},  {"lsquo", 0x2018},
     {"rsquo", 0x2019},  {"sbquo", 0x201A}, {"ldquo", 0x201C},  {"rdquo", 0x201D},
     {"bdquo", 0x201E},  {"bull", 0x2022},  {"hellip", 0x2026}, {"lsaquo", 0x2039},
     {"rsaquo", 0x203A}, {"euro", 0x20AC},  {"trade", 0x2122},  {"larr", 0x2190},
     {"rarr", 0x2192},   {"minus", 0x2212}, {"OElig", 0x152},   {"oelig", 0x153},
     {"thinsp", 0x2009}, {"ensp", 0x2002},  {"emsp", 0x2003}}};

/// The character of a named or numeric reference, without its `&` and `;`; 0: there is none.
std::uint32_t character_of(std::string_view name) {
    if (!name.starts_with('#')) {
        const auto* at = std::find(latin.begin(), latin.end(), name);
        if (at != latin.end()) return 0xA0 + static_cast<std::uint32_t>(at - latin.begin());
        const auto* found = std::find_if(named.begin(), named.end(),
                                         [&](const auto& entry) { return entry.first == name; });
        return found == named.end() ? 0 : found->second;
    }
    name.remove_prefix(1);
    std::uint32_t base = 10;
    if (name.starts_with('x') || name.starts_with('X')) {
        base = 16;
        name.remove_prefix(1);
    }
    std::uint32_t code = 0;
    for (char c : lower(name)) {
        auto digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                     : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                            : base;
        if (digit >= base) return 0;
        code = std::min<std::uint32_t>(code * base + digit, 0x110000);
    }
    bool is_character = code > 0 && code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
    return is_character ? code : 0;
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
        auto code = character_of(page_.substr(at_ + 1, end - 1));
        if (code == 0) return false;
        at_ += end + 1;
        // Spaces of other kinds are white space as well.
        bool is_wide = code == 0xA0 || (code >= 0x2000 && code <= 0x200A);
        if (is_wide || (code < 0x80 && is_space(static_cast<char>(code)))) {
            gap_ = true;
        } else if (code != 0xAD) {
            close_gap();
            append_utf8(out_, code);
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
