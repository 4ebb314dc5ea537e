#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

#include "database/database.hpp"
#include "news/article.hpp"

namespace news {

// Which slugs the articles of one type have and had, beside the log, within one transaction on the
// command store. Those that the events of the time before slugs lead to are not kept: they are
// found by the id in them.

/// Whether another article has the slug, or had it once.
bool slug_is_taken(database::ReadTransaction& transaction, const std::string& slug, ArticleId id);

/// The slug, or with a number behind it one that is not taken.
std::string free_slug(database::ReadTransaction& transaction, const std::string& slug,
                      ArticleId id);

/// Whether it is kept that the article has the slug, or had it.
bool is_kept(database::ReadTransaction& transaction, const std::string& slug, ArticleId id);

/// A slug that is kept as an article's.
struct TakenSlug {
    std::string slug;
    ArticleId id = 0;

    auto operator<=>(const TakenSlug&) const = default;
};
/// Those behind `last`, in order. Throws database::Failure where they are out of order.
std::vector<TakenSlug> taken_after(database::ReadTransaction& transaction, const TakenSlug& last,
                                   std::int64_t limit);
/// All slugs that the events of the article bring.
std::set<std::string> slugs_in_log(database::ReadTransaction& transaction, ArticleId id);

/// From here on the slug is taken by the article; that another one has it too is no matter here.
void take_slug(database::Transaction& transaction, const std::string& slug, ArticleId id);

}  // namespace news
