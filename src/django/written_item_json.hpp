#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "django/items.hpp"
#include "news/commands.hpp"

namespace django {

/// Our number of a person of the old site; nothing if nobody here is that person.
using UserOf = std::function<std::optional<std::int64_t>(const std::string& legacy_id)>;

/// The article of an item, its source_id being its legacy_id. What an article has no member for
/// (pictures, corrections, related articles, an end of what is not public), or what does not fit
/// its member (a language, an address, authors without accounts) stands in `extra` under the name
/// it has here; where that is full, what is left out is told, as is what HTML had to lose
/// (`embeds`: hosts whose iframes it keeps). Refused as news::import_item is. Pure.
base::Result<news::ImportItem> written(const Item& item, const UserOf& user_of,
                                       const std::vector<std::string>& embeds,
                                       std::vector<Warning>& warnings);

}  // namespace django
