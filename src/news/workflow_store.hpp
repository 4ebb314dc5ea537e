#pragma once

#include <string>
#include <vector>

#include "article_store.hpp"

namespace news {

// What the view stores of the workflow, beside the articles, within one transaction.

/// False in a view that no newer version has opened yet: it has no such table.
bool has_workflow(database::ReadTransaction& transaction);

/// What stands beside the columns of an article: of one that has none of it, nulls.
inline const std::string workflow_columns = ", embargo_until, expires_at, corrections, notice";
inline const std::string workflow_of_article = " left join article_workflow_# on item = id";
/// `first`: the number of the first of these columns.
void read_workflow(Article& article, const database::Statement& row, int first);

void put_workflow(database::Transaction& transaction, Slot slot, const Article* before,
                  const Article& article);
void drop_workflow(database::Transaction& transaction, Slot slot, ArticleId id);

/// The status as articles bear it in their own table: what is under embargo is in no list.
std::string_view stored_status(const Article& article);
Status status_from_stored(std::string_view name);

/// Whether that, and when the scheduler has something to do, is as it should be for the article.
bool is_stored_as(database::ReadTransaction& transaction, Slot slot, const Article& article);

/// Those that a question gives for ?1, by then, ?2 and ?3, after that one, and ?4, so many.
std::vector<Due> read_due(database::Statement& rows, base::Time now, const Due& after,
                          std::int64_t limit);
/// Articles with which something is to happen by now, after that one, earliest first.
std::vector<Due> due_in_workflow(database::ReadTransaction& transaction, Slot slot, base::Time now,
                                 const Due& after, std::int64_t limit);

}  // namespace news
