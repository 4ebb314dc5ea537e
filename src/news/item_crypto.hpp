#pragma once

#include <string>

#include "news/commands.hpp"

namespace news {

/// SHA-256, in hexadecimal, of all that the source of an imported item says of it. Kept beside the
/// item, so a member that is new here some day must not change it while it is not set.
std::string item_hash(const NewArticle& item);

}  // namespace news
