#pragma once

#include <optional>
#include <string>
#include <vector>

#include "article_store.hpp"
#include "news/items.hpp"

namespace news {

/// By what a list is walked, stage by stage; `looked_at`: all, and each place is held against what
/// is asked for.
enum class ItemIndex { all, owned, signed_by, tagged, looked_at };

/// The articles of a slot, in whatever state, as the newsroom lists them: by indexes alone, and
/// without reading what may be large. Of one that is not everybody's only `owner`'s.
class ItemStore {
public:
    struct Scope {
        bool everybody = false;
        std::optional<std::int64_t> owner{};  ///< without one nothing is anybody's
    };
    ItemStore(database::ReadTransaction& transaction, Slot slot, const std::string& news_type,
              Scope scope)
        : transaction_(transaction), slot_(slot), news_type_(news_type), scope_(scope) {}

    ItemsPage list(const ItemsQuestion& question) const;
    std::vector<Item> by_id(const std::vector<ArticleId>& ids) const;
    ItemCounts count() const;

private:
    /// The places of one stage, as far as it was looked through.
    struct Walk {
        std::vector<ListCursor> places;
        std::optional<ListCursor> looked_up_to{};
    };
    Walk walk(const ItemsQuestion& question, Stage stage) const;
    Walk walk_by(ItemIndex index, const ItemsQuestion& question, Stage stage) const;
    /// Of what is published and has the tag, if that are not too many: in no order.
    std::optional<Walk> read_tagged(const ItemsQuestion& question) const;
    bool has_word(const ItemsQuestion& question, Stage stage, const ListCursor& place) const;

    database::ReadTransaction& transaction_;
    Slot slot_;
    const std::string& news_type_;
    Scope scope_;
};

}  // namespace news
