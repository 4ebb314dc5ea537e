#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "listing.hpp"
#include "news/queries.hpp"

namespace orchestrator {

/// The bodies of api/openapi.yaml.
std::string item_body(const news::Article& article);
/// `with_next`: keyset lists name where the next page starts, or null at the end. `fields`: the
/// members that items are shown with, in alphabetical order; empty: all.
std::string list_body(const Listing& listing, bool with_next,
                      const std::vector<std::string>& fields = {});
/// An item with some of its members; `fields` as above, and not empty.
std::string sparse_item(news::Article article, const std::vector<std::string>& fields);
/// Whether items have, or may have, a member of that name.
bool is_item_member(std::string_view name);
std::string history_body(news::ArticleId id, const news::HistoryPage& history);
/// A body of these once more, which says that it may be out of date.
std::string stale_body(std::string_view body);
/// What a batch has made, in the order of its commands.
std::string batch_body(const std::vector<news::Article>& articles);
std::string removed_body(news::ArticleId id);

}  // namespace orchestrator
