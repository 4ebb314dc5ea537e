#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "article.hpp"
#include "database/database.hpp"
#include "news/queries.hpp"

namespace news {

/// The view's tables exist once per slot; one of them is active.
enum class Slot { a, b };

Slot active_slot(database::ReadTransaction& transaction);
Slot other(Slot slot);
/// As it stands in the names of its tables.
std::string_view letter_of(Slot slot);

/// An article with which something is to happen, by when that is.
struct Due {
    std::int64_t at = std::numeric_limits<std::int64_t>::min();  ///< microseconds since 1970
    ArticleId id = 0;
};

/// The view of one news type within one transaction: what queries read, and what the projector and
/// a rebuild write.
class ArticleStore {
public:
    /// `named`: false for a file that no newer version has opened yet, see name_store.hpp.
    ArticleStore(database::ReadTransaction& transaction, Slot slot, std::string news_type,
                 bool named = true)
        : transaction_(transaction), slot_(slot), news_type_(std::move(news_type)), named_(named) {}

    std::optional<ArticleRow> find(ArticleId id) const;
    /// Who made the article, where it stands and why it was killed, without reading what may be
    /// large; the same work whether it is there or not.
    std::optional<ArticleState> standing(ArticleId id) const;
    /// Those of the ids that are published, in the order of the ids.
    std::vector<Article> several(const std::vector<ArticleId>& ids,
                                 Contents contents = Contents::read) const;
    std::vector<Article> page(std::int64_t skip, std::int64_t limit) const;
    std::vector<Article> list(const std::optional<ListCursor>& after, std::int64_t limit) const;
    std::vector<Article> tagged(const std::string& tag, const std::optional<ListCursor>& after,
                                std::int64_t limit) const;
    /// Scheduled articles whose time has come, after that one, earliest first.
    std::vector<Due> due(base::Time now, const Due& after, std::int64_t limit) const;
    /// All articles in order of id, also drafts and removed ones, from after `id`. Throws
    /// database::Failure where ids do not rise.
    std::vector<ArticleRow> all_after(ArticleId id, std::int64_t limit) const;
    /// Whether the article stands in the list of that tag, at its place.
    bool has_tag(const std::string& tag, const Article& article) const;
    /// The tag behind `tag` that has a list.
    std::optional<std::string> tag_after(const std::string& tag) const;
    /// An entry in the list of a tag, as it stands there.
    struct TagEntry {
        base::Time published_at{};
        ArticleId id = 0;
        bool fits = false;  ///< the article is published, at that time, with that tag
    };
    /// The entries of one tag, newest first, from behind `after`. Throws database::Failure where
    /// they are out of order.
    std::vector<TagEntry> tag_entries(const std::string& tag, const std::optional<TagEntry>& after,
                                      std::int64_t limit) const;

private:
    ArticleRow read(const database::Statement& row) const;
    std::vector<Article> read_all(database::Statement& rows) const;
    bool may_equal(const ListCursor& after) const { return news_type_ > after.news_type; }

    database::ReadTransaction& transaction_;
    Slot slot_;
    std::string news_type_;
    bool named_;
};

/// Stores the article's newest state, but for the counts. `before`: the state that is stored; where
/// none is said to be and there is one all the same, this changes nothing and gives false.
bool put(database::Transaction& transaction, Slot slot, const std::optional<ArticleRow>& before,
         const ArticleRow& row);

/// Gives the articles' table the form that this version makes, where it has another and no article.
/// Where it has articles a rebuild does, and until then what stands behind a content is read with
/// it.
void arrange_articles(database::Transaction& transaction, Slot slot);

/// Makes the tables of a slot that is not active, by the definitions of the active one; what was
/// there before goes. Changes the schema: one command of its own.
void create_slot(database::Transaction& transaction, Slot slot);
/// Deletes up to `count` rows of a slot that is not active; false when none were left and the
/// tables are gone.
bool clear_slot(database::Transaction& transaction, Slot slot, std::int64_t count);
void activate_slot(database::Transaction& transaction, Slot slot);

/// The tables of a query store.
std::vector<database::MigrationSet> query_schema();

}  // namespace news
