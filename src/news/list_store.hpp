#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "article_store.hpp"
#include "block_store.hpp"

namespace news {

// The lists of published articles by their indexes alone: where the articles stand in them, and how
// many there are.

/// As Queries::places.
std::vector<ListCursor> read_places(database::ReadTransaction& transaction, Slot slot,
                                    const std::string& news_type, const PlacesQuestion& question);

/// Makes the list by author if it is wanted and not there, and drops it if it is there and not
/// wanted: an article costs one entry less then. A rebuild gives the other slot what this one has.
void keep_author_lists(database::Transaction& transaction, Slot slot, bool wanted);

/// How many articles a list has, as far as that can be told at once.
struct ListCount {
    std::int64_t articles = 0;
    bool exact = false;  ///< false: there are more than are counted for one question
};
ListCount read_list_count(database::ReadTransaction& transaction, Slot slot,
                          const ListFilter& filter);
/// From here on the number is kept; gives it.
std::int64_t keep_list_count(database::Transaction& transaction, Slot slot,
                             const ListFilter& filter);
void forget_list_counts(database::Transaction& transaction, Slot slot);
/// The lists whose kept number is not how many they have; none in a view that no start has brought
/// up to date yet.
std::vector<ListFilter> wrong_list_counts(database::ReadTransaction& transaction, Slot slot);

/// What the articles that one transaction changes do to the numbers that are kept, gathered so that
/// each is written once, those of the blocks included. Where none is kept it does nothing.
class ListCountChanges {
public:
    ListCountChanges(database::Transaction& transaction, Slot slot);
    /// `before`: null for a new article.
    void add(const Article* before, const Article& after);
    /// It is not in the view any more.
    void drop(const Article& article);
    void write() const;

private:
    void add(const Article& article, std::int64_t change);

    database::Transaction& transaction_;
    Slot slot_;
    bool any_kept_;
    BlockChanges blocks_;
    std::map<std::pair<std::string_view, std::string>, std::int64_t> changes_;
};

}  // namespace news
