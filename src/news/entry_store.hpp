#pragma once

#include <compare>
#include <string>
#include <vector>

#include "article_store.hpp"

namespace news {

// The lists that articles stand in besides those of published ones by tag: of what is not listed
// there by tag in each stage, for the newsroom, and of what is by language.

/// A place in one of them.
struct ListEntry {
    std::string list;  ///< the name of a stage, or `language`
    std::string word;  ///< the tag, or the language
    std::int64_t at = 0;
    ArticleId id = 0;

    auto operator<=>(const ListEntry&) const = default;
};
inline constexpr std::string_view language_list = "language";

/// Where the article has to stand, each once, in order.
std::vector<ListEntry> entries_of(const Article& article);

/// `before`: null for a new article.
void put_entries(database::Transaction& transaction, Slot slot, const Article* before,
                 const Article& article);
void drop_entries(database::Transaction& transaction, Slot slot, const Article& article);

/// False in a view that no newer version has opened yet: it has no such table.
bool has_entries(database::ReadTransaction& transaction);
bool stands_in(database::ReadTransaction& transaction, Slot slot, const ListEntry& entry);
/// The list, and the word in it, behind those of `entry`.
std::optional<ListEntry> list_after(database::ReadTransaction& transaction, Slot slot,
                                    const ListEntry& entry);
struct CheckedEntry {
    ListEntry entry;
    bool fits = false;  ///< the article has to stand there
};
/// The entries of one list and word, newest first, from behind `entry`. Throws database::Failure
/// where they are out of order.
std::vector<CheckedEntry> entries_after(database::ReadTransaction& transaction, Slot slot,
                                        const ListEntry& entry, std::int64_t limit);

}  // namespace news
