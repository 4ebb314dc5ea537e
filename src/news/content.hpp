#pragma once

// What becomes of a content that somebody writes, before its length is looked at. Pure.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "news/article.hpp"
#include "news/commands.hpp"

namespace news {

/// Sets a new article's content to what is stored: html is cleaned, with iframes of the hosts in
/// `embeds` alone, and markdown becomes html. A problem if nothing is left, or too much is made.
std::vector<Dropped> settle_content(std::vector<base::Problem>& problems, NewArticle& article,
                                    const std::vector<std::string>& embeds);

/// The same with a revision of an article whose content is `content`, in `format`. What changes
/// nothing is forgotten. An imported article stays in markdown. A problem if another format comes
/// without the content: but for text, what is there cannot be read in it.
std::vector<Dropped> settle_content(std::vector<base::Problem>& problems, Revision& revision,
                                    ContentFormat format, const std::string& content,
                                    const std::vector<std::string>& embeds);

}  // namespace news
