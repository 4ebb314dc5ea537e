#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace django {

// HTML as texts. None of this makes foreign HTML safe: whoever stores it passes it through the list
// of what is allowed.

std::string escaped(std::string_view text);
/// Without tags, comments, scripts and styles; the entities of XML and &nbsp; read; white space
/// folded.
std::string plain_text(std::string_view html);
/// Whether something in it may run in a browser, HTML or Markdown: rather said once too often. One
/// pass.
bool has_script(std::string_view html);

/// A tag as a forgiving reader sees it.
struct Tag {
    std::string name;  ///< in small letters
    bool closes = false;
    std::map<std::string, std::string> attributes{};  ///< names in small letters; entities read
};

/// The same HTML, with each tag that `replace` gives a text for replaced by that.
std::string replace_tags(std::string_view html,
                         const std::function<bool(const Tag&, std::string& out)>& replace);

}  // namespace django
