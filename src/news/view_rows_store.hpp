#pragma once

#include <vector>

#include "article_store.hpp"

namespace news {

// Articles that go from a view to an archive, within one transaction on the view.

/// How an article stands in the view.
struct ViewRow {
    ArticleId id = 0;
    Version version = 0;
    Status status = Status::draft;
    base::Time updated_at{};
    bool is_due = false;  ///< something is to happen to it at a time
};
/// Up to `limit` articles behind `id`, in order of id, without a look at what may be large.
std::vector<ViewRow> rows_after(database::ReadTransaction& view, Slot slot, ArticleId id,
                                std::int64_t limit);

/// Takes articles out of the view: rows, tags, names, counts. Slugs that they had earlier stay, and
/// lead nowhere. One that is not there is passed.
void drop_articles(database::Transaction& view, const std::string& news_type,
                   const std::vector<ArticleId>& ids);

}  // namespace news
