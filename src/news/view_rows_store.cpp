#include "view_rows_store.hpp"

#include "count_store.hpp"
#include "entry_store.hpp"
#include "list_store.hpp"
#include "metadata_store.hpp"
#include "month_store.hpp"
#include "slot_sql.hpp"
#include "workflow_store.hpp"

namespace news {

std::vector<ViewRow> rows_after(database::ReadTransaction& view, Slot slot, ArticleId id,
                                std::int64_t limit) {
    static const SlotSql sql("select id, version, status, updated_at, due_at from articles_#" +
                             workflow_of_article + " where id > ? order by id limit ?");
    auto rows = view.prepare(sql[slot]);
    rows.bind(1, id).bind(2, limit);
    database::RisingKeys<ArticleId> ids(view, "the articles of the view", id);
    std::vector<ViewRow> all;
    while (rows.step()) {
        ids.next(rows.integer(0));
        all.push_back({rows.integer(0), rows.integer(1),
                       parse_status(rows.text(2)).value_or(Status::draft),
                       base::from_micros(rows.integer(3)), rows.integer_or_null(4).has_value()});
    }
    return all;
}

void drop_articles(database::Transaction& view, const std::string& news_type,
                   const std::vector<ArticleId>& ids) {
    static const SlotSql tag(
        "delete from article_tags_# where tag = ? and published_at = ? and id = ?");
    static const SlotSql names("delete from article_names_# where article = ?");
    static const SlotSql articles("delete from articles_# where id = ?");
    auto slot = active_slot(view);
    ArticleStore store(view, slot, news_type);
    CountChanges counts;
    ListCountChanges list_counts(view, slot);
    MonthChanges months;
    for (auto id : ids) {
        auto row = store.find(id);
        if (!row) continue;
        const auto& article = row->article;
        if (is_listed(article) && article.published_at) {
            for (const auto& word : article.tags) {
                view.prepare(tag[slot])
                    .bind(1, word)
                    .bind(2, base::to_micros(*article.published_at))
                    .bind(3, id)
                    .run();
            }
        }
        view.prepare(names[slot]).bind(1, id).run();
        drop_workflow(view, slot, id);
        drop_metadata(view, slot, id);
        drop_entries(view, slot, article);
        view.prepare(articles[slot]).bind(1, id).run();
        counts.drop(article);
        list_counts.drop(article);
        months.drop(article);
    }
    counts.write(view, slot);
    list_counts.write();
    months.write(view, slot);
}

}  // namespace news
