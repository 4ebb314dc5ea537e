#include "workflow_store.hpp"

#include "event_json.hpp"
#include "publication.hpp"
#include "slot_sql.hpp"

namespace news {

namespace {

constexpr std::string_view embargoed = "embargoed";

std::optional<std::int64_t> micros(const std::optional<base::Time>& time) {
    if (!time) return std::nullopt;
    return base::to_micros(*time);
}

std::optional<base::Time> time_in(const database::Statement& row, int column) {
    auto time = row.integer_or_null(column);
    if (!time) return std::nullopt;
    return base::from_micros(*time);
}

std::optional<base::Time> due_at(const Article& article) {
    Publication publication{article.status, article.published_at};
    // An index of the articles themselves has the drafts whose time comes.
    bool is_in_index = article.status == Status::draft && article.published_at;
    if (is_in_index && !article.embargo_until && !article.expires_at) return std::nullopt;
    return news::due_at(publication, article.embargo_until, article.expires_at);
}

bool has_some(const Article& article) {
    return article.embargo_until || article.expires_at || !article.corrections.empty() ||
           !article.notice.empty() || due_at(article);
}

}  // namespace

bool has_workflow(database::ReadTransaction& transaction) {
    return transaction
        .prepare(
            "select 1 from schema_migrations where set_name = 'news_query'"
            " and name = '0005_follow_workflow'")
        .step();
}

void read_workflow(Article& article, const database::Statement& row, int first) {
    article.embargo_until = time_in(row, first);
    article.expires_at = time_in(row, first + 1);
    article.corrections = corrections_from_json(row.text(first + 2));
    article.notice = row.text(first + 3);
}

void put_workflow(database::Transaction& transaction, Slot slot, const Article* before,
                  const Article& article) {
    static const SlotSql upsert(
        "insert into article_workflow_# (item, embargo_until, expires_at, due_at, corrections,"
        " notice) values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (item) do update set"
        " embargo_until = ?2, expires_at = ?3, due_at = ?4, corrections = ?5, notice = ?6");
    if (!has_some(article)) {
        if (before && has_some(*before)) drop_workflow(transaction, slot, article.id);
        return;
    }
    bool same = before && before->embargo_until == article.embargo_until &&
                before->expires_at == article.expires_at && due_at(*before) == due_at(article) &&
                before->corrections == article.corrections && before->notice == article.notice;
    if (same) return;
    auto corrections = corrections_to_json(article.corrections);
    transaction.prepare(upsert[slot])
        .bind(1, article.id)
        .bind(2, micros(article.embargo_until))
        .bind(3, micros(article.expires_at))
        .bind(4, micros(due_at(article)))
        .bind(5, corrections)
        .bind(6, article.notice)
        .run();
}

void drop_workflow(database::Transaction& transaction, Slot slot, ArticleId id) {
    static const SlotSql drop("delete from article_workflow_# where item = ?");
    transaction.prepare(drop[slot]).bind(1, id).run();
}

std::string_view stored_status(const Article& article) {
    bool is_hidden = article.status == Status::published && article.embargo_until;
    return is_hidden ? embargoed : name_of(article.status);
}

Status status_from_stored(std::string_view name) {
    if (name == embargoed) return Status::published;
    return parse_status(name).value_or(Status::draft);
}

bool is_stored_as(database::ReadTransaction& transaction, Slot slot, const Article& article) {
    static const SlotSql sql("select status, due_at from articles_#" + workflow_of_article +
                             " where id = ?");
    auto row = transaction.prepare(sql[slot]);
    row.bind(1, article.id);
    return row.step() && row.text(0) == stored_status(article) &&
           row.integer_or_null(1) == micros(due_at(article));
}

std::vector<Due> read_due(database::Statement& rows, base::Time now, const Due& after,
                          std::int64_t limit) {
    rows.bind(1, base::to_micros(now)).bind(2, after.at).bind(3, after.id).bind(4, limit);
    std::vector<Due> due;
    while (rows.step()) due.push_back({rows.integer(1), rows.integer(0)});
    return due;
}

std::vector<Due> due_in_workflow(database::ReadTransaction& transaction, Slot slot, base::Time now,
                                 const Due& after, std::int64_t limit) {
    static const SlotSql sql(
        "select item, due_at from article_workflow_#"
        " where due_at <= ?1 and (due_at, item) > (?2, ?3) order by due_at, item limit ?4");
    auto rows = transaction.prepare(sql[slot]);
    return read_due(rows, now, after, limit);
}

}  // namespace news
