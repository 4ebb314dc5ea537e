#pragma once

#include <optional>
#include <string>
#include <vector>

#include "staging_store.hpp"

namespace django {

/// Where the pages stand in Wagtail's tree (`path`) that not everybody may see; it keeps that apart
/// from them, and means all that is below as well. Nothing: they are too many.
std::optional<std::vector<std::string>> restricted_pages(const StagingStore& staging);

}  // namespace django
