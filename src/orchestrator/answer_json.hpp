#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "listing.hpp"
#include "news/queries.hpp"

namespace orchestrator {

/// The bodies of api/openapi.yaml.
std::string item_body(const news::Article& article);
/// `with_next`: keyset lists name where the next page starts, or null at the end.
std::string list_body(const Listing& listing, bool with_next);
std::string history_body(news::ArticleId id, const news::HistoryPage& history);
/// A body of these once more, which says that it may be out of date.
std::string stale_body(std::string_view body);
std::string removed_body(news::ArticleId id);

}  // namespace orchestrator
