#pragma once

#include <optional>
#include <string>
#include <vector>

#include "article_store.hpp"
#include "name_match.hpp"
#include "news/queries.hpp"

namespace news {

// What articles are called besides their ids, and what imports bring, beside the articles of a
// slot, within one transaction on the view.

/// Whether the file has names and metadata: one that no newer version has opened yet has not.
bool has_names(database::ReadTransaction& transaction);

/// As Queries::by_slug and by_legacy_id; nothing if there is none.
std::optional<NameMatch> find_by_slug(database::ReadTransaction& transaction, Slot slot,
                                      const std::string& slug);
std::optional<NameMatch> find_by_legacy_id(database::ReadTransaction& transaction, Slot slot,
                                           const std::string& legacy_id);
std::optional<MovedTo> find_moved_to(database::ReadTransaction& transaction, Slot slot,
                                     ArticleId id);
/// As it is stored; nothing for text that is none.
std::optional<MovedTo> moved_from(std::string_view text);
/// Whether the article is found by a slug that it had once.
bool had_slug(database::ReadTransaction& transaction, Slot slot, const std::string& slug,
              ArticleId id);

/// Stores the names. `before`: null for a new article.
void put_names(database::Transaction& transaction, Slot slot, const ArticleRow* before,
               const ArticleRow& row);

/// An article without names, since it is from before, at the version that the view has.
struct Unnamed {
    ArticleId id = 0;
    Version version = 0;
};
/// Such articles from after `id`.
std::vector<Unnamed> unnamed(database::ReadTransaction& transaction, Slot slot, ArticleId id,
                             std::int64_t limit);
/// Gives one of them the names that it has by its state.
void put_names(database::Transaction& transaction, Slot slot, const ArticleState& state);
/// Whether all have theirs, and that they have.
bool names_are_filled(database::ReadTransaction& transaction);
void note_names_filled(database::Transaction& transaction);

}  // namespace news
