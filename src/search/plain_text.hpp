#pragma once

#include <string>
#include <string_view>

#include "news/article.hpp"

namespace search {

/// What a reader reads of a content, without its elements. Pure; of content that was cut off
/// anywhere, too.
std::string plain_text(std::string_view content, news::ContentFormat format);

}  // namespace search
