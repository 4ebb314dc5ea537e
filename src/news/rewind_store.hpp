#pragma once

#include <vector>

#include "database/transaction.hpp"
#include "news/article.hpp"

namespace news {

/// The command store's events were cut off, and its other tables are of later: makes them fit.
/// `later`: the articles that had events beyond. What is made from the log alone is emptied.
void rewind_commands(database::Transaction& transaction, const std::vector<ArticleId>& later);

}  // namespace news
