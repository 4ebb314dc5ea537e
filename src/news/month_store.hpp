#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "article_store.hpp"
#include "news/headings.hpp"

namespace news {

// How many published articles of a slot there are of each month: kept by the transaction that
// changes one.

/// As Headings::months; nothing if they were never counted, as in a view that no start has brought
/// up to date.
std::optional<std::vector<Month>> read_months(database::ReadTransaction& transaction, Slot slot);
/// Of all articles, by their index. When something changed nobody knows.
std::vector<Month> recount_months(database::ReadTransaction& transaction, Slot slot);
/// Whether the kept number of one is not how many it has; not where none are kept.
bool has_wrong_months(database::ReadTransaction& transaction, Slot slot);

/// From here on they are kept.
void begin_months(database::Transaction& transaction, Slot slot, const std::vector<Month>& months);
/// Begins with what is there, unless they are kept already.
void fill_months(database::Transaction& transaction, Slot slot);
void forget_months(database::Transaction& transaction, Slot slot);

/// What the articles that one transaction changes do to the months, gathered so that each is
/// written once. Where none are kept it does nothing.
class MonthChanges {
public:
    /// `before`: null for a new article.
    void add(const Article* before, const Article& after);
    /// It is not in the view any more.
    void drop(const Article& article);
    void write(database::Transaction& transaction, Slot slot) const;

private:
    struct Change {
        std::int64_t articles = 0;
        base::Time at = base::time_min;
    };
    void add(const Article& article, std::int64_t change, base::Time at);

    std::map<std::string, Change> changes_;
};

}  // namespace news
