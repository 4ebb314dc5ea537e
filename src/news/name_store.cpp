#include "name_store.hpp"

#include <limits>

#include "base/text.hpp"
#include "slot_sql.hpp"

namespace news {

namespace {

/// Of the articles that have one slug, so many with the highest ids are looked at.
constexpr std::int64_t candidates_max = 100;

std::optional<std::string> text_of(const std::optional<MovedTo>& moved) {
    if (!moved) return std::nullopt;
    return moved->news_type + "/" + std::to_string(moved->id);
}

/// `candidates`: gives ids for a key, of articles that have it now, or had it once.
std::optional<NameMatch> best_of(database::ReadTransaction& transaction, Slot slot,
                                 const std::string& candidates, const std::string& key, bool now) {
    auto rows = transaction.prepare(
        SlotSql("select id, case status when 'published' then 0 when 'removed' then 2 else 1 end"
                " as rank, coalesce(published_at, 0) as at from articles_# where id in (" +
                candidates + " limit ?2) order by rank, at desc, id desc limit 1")[slot]);
    rows.bind(1, key).bind(2, candidates_max);
    if (!rows.step()) return std::nullopt;
    return NameMatch{rows.integer(0), rows.integer(1), now, rows.integer(2)};
}

}  // namespace

bool has_names(database::ReadTransaction& transaction) {
    return transaction
        .prepare(
            "select 1 from schema_migrations where set_name = 'news_query'"
            " and name = '0006_keep_metadata'")
        .step();
}

std::optional<NameMatch> find_by_slug(database::ReadTransaction& transaction, Slot slot,
                                      const std::string& slug) {
    static const std::string now =
        "select article from article_names_# where slug = ?1 order by article desc";
    static const std::string once =
        "select id from article_slugs_# where slug = ?1 order by id desc";
    auto found = best_of(transaction, slot, now, slug, true);
    if (found && found->rank == 0) return found;
    return better_of(found, best_of(transaction, slot, once, slug, false));
}

std::optional<NameMatch> find_by_legacy_id(database::ReadTransaction& transaction, Slot slot,
                                           const std::string& legacy_id) {
    static const std::string sql =
        "select article from article_names_# where legacy_id = ?1 and legacy_id <> ''"
        " order by article desc";
    return best_of(transaction, slot, sql, legacy_id, true);
}

std::optional<MovedTo> find_moved_to(database::ReadTransaction& transaction, Slot slot,
                                     ArticleId id) {
    static const SlotSql sql("select moved_to from article_names_# where article = ?");
    auto row = transaction.prepare(sql[slot]);
    row.bind(1, id);
    if (!row.step()) return std::nullopt;
    return moved_from(row.text(0));
}

std::optional<MovedTo> moved_from(std::string_view text) {
    auto slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    auto id = base::parse_number(text.substr(slash + 1), std::numeric_limits<std::int64_t>::max());
    return MovedTo{std::string(text.substr(0, slash)), id.value_or(0)};
}

bool had_slug(database::ReadTransaction& transaction, Slot slot, const std::string& slug,
              ArticleId id) {
    static const SlotSql sql("select 1 from article_slugs_# where slug = ? and id = ?");
    auto row = transaction.prepare(sql[slot]);
    row.bind(1, slug).bind(2, id);
    return row.step();
}

void put_names(database::Transaction& transaction, Slot slot, const ArticleRow* before,
               const ArticleRow& row) {
    static const SlotSql upsert(
        "insert into article_names_# (article, slug, extra, legacy_id, content_format, moved_to)"
        " values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (article) do update set slug = ?2,"
        " extra = ?3, legacy_id = ?4, content_format = ?5, moved_to = ?6");
    static const SlotSql keep(
        "insert into article_slugs_# (slug, id) values (?, ?) on conflict do nothing");
    static const SlotSql drop("delete from article_slugs_# where slug = ? and id = ?");
    const auto& article = row.article;
    bool same = before && before->article.slug == article.slug &&
                before->article.extra == article.extra &&
                before->article.legacy_id == article.legacy_id &&
                before->article.content_format == article.content_format &&
                before->moved_to == row.moved_to;
    if (same) return;
    auto moved_to = text_of(row.moved_to);
    transaction.prepare(upsert[slot])
        .bind(1, article.id)
        .bind(2, article.slug)
        .bind(3, article.extra)
        .bind(4, article.legacy_id)
        .bind(5, name_of(article.content_format))
        .bind(6, moved_to)
        .run();
    if (!before || before->article.slug == article.slug) return;
    transaction.prepare(drop[slot]).bind(1, article.slug).bind(2, article.id).run();
    if (before->article.slug.empty()) return;
    transaction.prepare(keep[slot]).bind(1, before->article.slug).bind(2, article.id).run();
}

std::vector<Unnamed> unnamed(database::ReadTransaction& transaction, Slot slot, ArticleId id,
                             std::int64_t limit) {
    static const SlotSql sql(
        "select id, version from articles_# left join article_names_# on article = id"
        " where id > ? and article is null order by id limit ?");
    auto rows = transaction.prepare(sql[slot]);
    rows.bind(1, id).bind(2, limit);
    std::vector<Unnamed> articles;
    while (rows.step()) articles.push_back({rows.integer(0), rows.integer(1)});
    return articles;
}

void put_names(database::Transaction& transaction, Slot slot, const ArticleState& state) {
    ArticleRow row;
    row.article = article_of(state, {}, {});
    put_names(transaction, slot, nullptr, row);
}

bool names_are_filled(database::ReadTransaction& transaction) {
    return transaction.prepare("select 1 from names_filled").step();
}

void note_names_filled(database::Transaction& transaction) {
    transaction.execute("insert into names_filled (filled) values (1)");
}

}  // namespace news
