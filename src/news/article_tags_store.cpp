// The lists of tags as they stand, entry by entry: for whoever checks them.
#include <algorithm>
#include <limits>

#include "article_store.hpp"
#include "event_json.hpp"
#include "slot_sql.hpp"

namespace news {

bool ArticleStore::has_tag(const std::string& tag, const Article& article) const {
    static const SlotSql sql(
        "select 1 from article_tags_# where tag = ? and published_at = ? and id = ?");
    std::optional<std::int64_t> published_at;
    if (article.published_at) published_at = base::to_micros(*article.published_at);
    auto row = transaction_.prepare(sql[slot_]);
    row.bind(1, tag).bind(2, published_at).bind(3, article.id);
    return row.step();
}

std::optional<std::string> ArticleStore::tag_after(const std::string& tag) const {
    static const SlotSql sql("select tag from article_tags_# where tag > ? order by tag limit 1");
    auto row = transaction_.prepare(sql[slot_]);
    row.bind(1, tag);
    if (!row.step()) return std::nullopt;
    std::string found(row.text(0));
    database::RisingKeys<std::string>(transaction_, "the tags of the view", tag).next(found);
    return found;
}

std::vector<ArticleStore::TagEntry> ArticleStore::tag_entries(const std::string& tag,
                                                              const std::optional<TagEntry>& after,
                                                              std::int64_t limit) const {
    static const SlotSql sql(
        "select t.published_at, t.id, a.status, a.published_at, a.tags from article_tags_# t"
        " left join articles_# a on a.id = t.id"
        " where t.tag = ?1 and (t.published_at, t.id) < (?2, ?3)"
        " order by t.published_at desc, t.id desc limit ?4");
    // The list falls: what rises is the distance from its top.
    using Key = std::pair<std::int64_t, std::int64_t>;
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    Key last(highest, highest);
    if (after) last = {base::to_micros(after->published_at), after->id};
    database::RisingKeys<Key> keys(transaction_, "the tag lists of the view",
                                   Key(-last.first, -last.second));
    auto rows = transaction_.prepare(sql[slot_]);
    rows.bind(1, tag).bind(2, last.first).bind(3, last.second).bind(4, limit);
    std::vector<TagEntry> entries;
    while (rows.step()) {
        auto published_at = rows.integer(0);
        auto id = rows.integer(1);
        keys.next(Key(-published_at, -id));
        bool fits =
            rows.text(2) == name_of(Status::published) && rows.integer_or_null(3) == published_at;
        if (fits) {
            auto tags = tags_from_json(rows.text(4));
            fits = std::find(tags.begin(), tags.end(), tag) != tags.end();
        }
        entries.push_back({base::from_micros(published_at), id, fits});
    }
    return entries;
}

}  // namespace news
