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
void forget_counts(database::Transaction& transaction, Slot slot);

/// What the articles that one transaction changes do to the counts, gathered so that each count is
/// written once. Ends with its transaction: what is rolled back was never counted.
class CountChanges {
public:
    /// `before`: null for a new article.
    void add(const Article* before, const Article& after);
    /// It is not in the view any more.
    void drop(const Article& article);
    /// Where counts are not kept this does nothing.
    void write(database::Transaction& transaction, Slot slot) const;

private:
    StateCounts changes_;
};

}  // namespace news
