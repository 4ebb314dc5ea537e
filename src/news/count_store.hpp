#pragma once

#include <optional>

#include "article_store.hpp"

namespace news {

// How many articles of a slot are in each state: kept by the transaction that changes one.

/// False in a view that no start has brought up to date yet.
bool has_counts(database::ReadTransaction& transaction);
/// As they are kept; nothing if they were never counted.
std::optional<StateCounts> read_counts(database::ReadTransaction& transaction, Slot slot);
/// Of all articles, one by one.
StateCounts recount(database::ReadTransaction& transaction, Slot slot);

/// From here on they are kept.
void begin_counts(database::Transaction& transaction, Slot slot, const StateCounts& counts);
/// Begins with what is there, unless they are kept already.
void fill_counts(database::Transaction& transaction, Slot slot);
/// Where they are not kept this does nothing. `before`: null for a new article.
void put_counts(database::Transaction& transaction, Slot slot, const Article* before,
                const Article& article);
void forget_counts(database::Transaction& transaction, Slot slot);

}  // namespace news
