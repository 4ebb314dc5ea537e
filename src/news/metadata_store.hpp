#pragma once

#include "article_store.hpp"

namespace news {

// What articles say besides their text, beside the articles of a slot.

/// Stores it. `before`: null for a new article.
void put_metadata(database::Transaction& transaction, Slot slot, const Article* before,
                  const Article& article);
void drop_metadata(database::Transaction& transaction, Slot slot, ArticleId id);

}  // namespace news
