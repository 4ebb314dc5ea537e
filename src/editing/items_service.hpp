#pragma once

#include <string>
#include <vector>

#include "news/items.hpp"
#include "news/types.hpp"
#include "search/queries.hpp"

namespace editing {

/// What of the articles of one or all types is asked for.
struct ItemsAsked {
    std::string news_type;  ///< empty: all
    news::ItemsQuestion question{};
    std::string text{};           ///< only what has these words; empty: any
    std::string search_cursor{};  ///< where that goes on
};

struct ItemsFound {
    std::vector<news::Item> items;
    news::ItemCounts counts{};  ///< of the types that are asked, by stage
    std::string next;           ///< the cursor of what follows; empty: nothing does
    std::vector<std::string> failed;
};

/// Puts together what the types, or the search, say of what is being written. What each caller may
/// see, they know. Thread-safe.
class ItemsService {
public:
    ItemsService(news::Types types, const search::Queries& search)
        : types_(std::move(types)), search_(search) {}

    const news::Types& types() const { return types_; }
    /// Refused as news::Items is where no type answers, and with a text also as
    /// search::Queries::find is.
    base::Task<ItemsFound> find(ItemsAsked asked, base::Context context) const;

private:
    base::Task<ItemsFound> list(ItemsAsked asked, base::Context context) const;
    base::Task<ItemsFound> search(ItemsAsked asked, base::Context context) const;
    /// What was found, as far as it is asked for, in its order.
    base::Task<void> add_hits(std::vector<search::Hit> hits, const ItemsAsked& asked,
                              ItemsFound& found, base::Context context) const;
    base::Task<void> count(const ItemsAsked& asked, ItemsFound& found, base::Context context) const;
    std::vector<std::string> types_of(const ItemsAsked& asked) const;

    const news::Types types_;
    const search::Queries& search_;
};

/// Parts of one list, in its order; `next` is set, `question` says where it begins and how long it
/// may be. A cursor of the other order is none.
ItemsFound merge(std::vector<news::ItemsPage> pages, const news::ItemsQuestion& question);
std::optional<news::ListCursor> items_cursor(std::string_view text, bool oldest_first);

}  // namespace editing
