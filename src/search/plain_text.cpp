#include "plain_text.hpp"

#include <algorithm>
#include <array>

#include "base/html_characters.hpp"

namespace search {

namespace {

/// Elements within a word; all others end one.
bool is_inline(std::string_view tag) {
    static constexpr std::array<std::string_view, 18> names = {
        "a", "abbr",  "b", "cite", "code",   "em",  "i",   "kbd",  "mark",
        "q", "small", "s", "span", "strong", "sub", "sup", "time", "u"};
    if (tag.starts_with('/')) tag.remove_prefix(1);
    auto name = tag.substr(0, tag.find_first_of(" />\t\n"));
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string plain_text(std::string_view content, news::ContentFormat format) {
    if (format != news::ContentFormat::html) return std::string(content);
    std::string text;
    for (std::size_t at = 0; at < content.size();) {
        auto open = std::min(content.find('<', at), content.size());
        text += base::decode_html(content.substr(at, open - at), base::HtmlPlace::text);
        if (open == content.size()) break;
        auto close = content.find('>', open);
        if (close == content.npos) break;
        if (!is_inline(content.substr(open + 1, close - open - 1))) text += ' ';
        at = close + 1;
    }
    return text;
}

}  // namespace search
