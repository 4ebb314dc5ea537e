#pragma once

#include <optional>
#include <string>
#include <vector>

#include "article.hpp"
#include "bus/archive.hpp"
#include "database/transaction.hpp"
#include "name_match.hpp"

namespace news {

// What a command store knows of its archived articles, which all are published, within one
// transaction on it.

/// What can be told of one without a look into its archive.
struct ArchivedArticle {
    ArticleId id = 0;
    Version version = 0;
    base::Time published_at{};
    std::optional<std::int64_t> created_by{};
    std::string slug;
    std::optional<std::string> first_slug{};  ///< of one from before slugs
    std::string legacy_id;

    bool operator==(const ArchivedArticle&) const = default;
};

/// What its events come to.
ArchivedArticle archived_article(const std::vector<bus::LinkedEvent>& events);
/// What the rules have to know of who may do what with it.
ArticleState standing_of(const ArchivedArticle& article);

std::optional<ArchivedArticle> find_archived(database::ReadTransaction& transaction, ArticleId id);
bool has_archived(database::ReadTransaction& transaction);
void put_archived(database::Transaction& transaction, const ArchivedArticle& article);
void drop_archived(database::Transaction& transaction, ArticleId id);

/// As find_by_slug() and find_by_legacy_id() of the view.
std::optional<NameMatch> find_archived_by_slug(database::ReadTransaction& transaction,
                                               const std::string& slug);
std::optional<NameMatch> find_archived_by_legacy_id(database::ReadTransaction& transaction,
                                                    const std::string& legacy_id);

/// The newest state without what only an archive tells of an archived article; nothing if there is
/// no such article.
std::optional<ArticleState> read_standing(database::ReadTransaction& transaction, ArticleId id);

/// Articles of which the view may not show what it should.
std::vector<ArticleId> view_debts(database::ReadTransaction& transaction);
void add_view_debt(database::Transaction& transaction, ArticleId id);
void pay_view_debt(database::Transaction& transaction, ArticleId id);

}  // namespace news
