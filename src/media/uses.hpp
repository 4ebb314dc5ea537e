#pragma once

// Which items an article shows. Pure.

#include <set>
#include <string_view>

#include "media/library.hpp"

namespace media {

/// Those whose address, `/v1/media/{id}` and whatever follows it, stands in a content, as text,
/// HTML or Markdown, with a host before it or without. At most uses_max.
std::set<ItemId> items_in(std::string_view content);

inline constexpr std::size_t uses_max = 1000;

}  // namespace media
