#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "news/article.hpp"

namespace news {

struct CleanedHtml {
    std::string html;
    std::vector<Dropped> dropped;  ///< by name; each kind once
};

/// Makes news HTML of any HTML: what can be kept of it, in a closed list of elements and attributes
/// (docs/news_html.md), each written anew, so that nothing gets out but what is written here. Well
/// nested at any input, at most 32 lists, tables, quotes, figures and blocks within each other;
/// UTF-8, whatever the bytes. News HTML stays as it is, byte for byte. `embeds`: the hosts of which
/// an iframe may be. Time and memory grow with the length alone: what is made has at most nine
/// times that and 16 KiB. A link or mark that reaches over so many parts that it would take more is
/// left out of the last of them, as `link` or `nesting`. Pure.
CleanedHtml clean_html(std::string_view html, const std::vector<std::string>& embeds = {});

}  // namespace news
