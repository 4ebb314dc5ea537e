#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"
#include "news/list_cursor.hpp"
#include "news/workflow.hpp"

namespace news {

/// An article as the newsroom lists it, in whatever state, without what it says.
struct Item {
    ArticleId id = 0;
    Version version = 0;
    std::string news_type;
    Stage stage = Stage::draft;
    std::string title;
    std::string slug;
    std::string author;  ///< the byline
    std::vector<std::string> tags;
    std::string language;                      ///< empty: none
    std::optional<std::int64_t> created_by{};  ///< whose it is
    base::Time created_at{};
    base::Time updated_at{};
    std::optional<base::Time> published_at{};
    std::optional<base::Time> embargo_until{};
    std::optional<base::Time> expires_at{};
};

/// Where an item stands: by its newest change, which is the time of this cursor.
ListCursor cursor_of(const Item& item);

/// Which of the articles, and in which order: by their newest change.
struct ItemsQuestion {
    std::vector<Stage> stages{};  ///< empty: all but removed
    bool mine = false;            ///< only the actor's own
    std::string tag{};            ///< empty: any; not with an author
    std::string author{};         ///< a byline; empty: any
    /// Changed then or later, and by the end of that millisecond.
    std::optional<base::Time> from{};
    std::optional<base::Time> to{};
    bool oldest_first = false;
    std::optional<ListCursor> after{};  ///< what follows it in that order
    std::int64_t limit = 10;
};

/// Part of such a list.
struct ItemsPage {
    std::vector<Item> items;
    /// Nothing was looked at beyond that place: what is there may follow. Nothing: if there are
    /// fewer items than wanted, there are no more.
    std::optional<ListCursor> looked_up_to{};
};

/// By stage, in their order.
using ItemCounts = std::array<std::int64_t, stage_count>;
/// So far is counted, and no farther.
inline constexpr std::int64_t counted_max = 10'000;

/// The articles of one news type as those see them who work on them: an author the own ones, an
/// editor all. Thread-safe. Refused: `forbidden` to anybody else, `too_many_ids`, and as
/// Queries::list is.
class Items {
public:
    virtual ~Items() = default;

    virtual base::Task<ItemsPage> items(ItemsQuestion question, base::Context context) const = 0;
    /// Those of the ids that are there and that the actor may see, in the order of the ids. At most
    /// several_max.
    virtual base::Task<std::vector<Item>> items_by_id(std::vector<ArticleId> ids,
                                                      base::Context context) const = 0;
    /// How many there are of each stage, up to counted_max. `mine`: of the own ones.
    virtual base::Task<ItemCounts> item_counts(bool mine, base::Context context) const = 0;
};

}  // namespace news
