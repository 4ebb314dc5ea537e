#include "article_store.hpp"

#include <array>
#include <limits>

#include "block_store.hpp"
#include "bus/store_inbox.hpp"
#include "count_store.hpp"
#include "entry_store.hpp"
#include "event_json.hpp"
#include "list_store.hpp"
#include "metadata_json.hpp"
#include "metadata_store.hpp"
#include "month_store.hpp"
#include "name_store.hpp"
#include "slot_sql.hpp"
#include "workflow_store.hpp"

namespace migrations {
database::MigrationSet news_query();
}

namespace news {

namespace {

/// `content`: what stands there for it.
std::string columns_with(const char* content) {
    return std::string(
               "id, version, status, published_at, created_at, updated_at, created_by, title,"
               " description, ") +
           content + ", author, tags";
}
const std::string columns = columns_with("content");
const std::string names = ", slug, extra, legacy_id, content_format, moved_to";
/// Looked up for the rows that are shown alone; `id` is the article's.
std::string metadata_of(const std::string& id) {
    return ", (select metadata from article_metadata_# where news = " + id + ")";
}
const std::string named_columns = columns + names + workflow_columns + metadata_of("id");
const std::string columns_without_content =
    columns_with("''") + names + workflow_columns + metadata_of("id");
const std::string named_articles =
    " from articles_# left join article_names_# on article = id" + workflow_of_article;

std::optional<std::int64_t> micros(const std::optional<base::Time>& time) {
    if (!time) return std::nullopt;
    return base::to_micros(*time);
}

/// All columns that migrations have made. The content comes last: what stands behind a long one is
/// read by reading that. `stage` is not stored.
const SlotSql articles_definition(
    "create table articles_# (id integer primary key, version integer not null,"
    " status text not null, published_at integer, created_at integer not null,"
    " updated_at integer not null, created_by integer, author text not null, tags text not null,"
    " title text not null, description text not null, content text not null,"
    " stage text generated always as (case when status = 'embargoed' then 'published'"
    " when status in ('draft', 'approved') and published_at is not null then 'scheduled'"
    " else status end) virtual) strict");

/// What there is once per slot.
constexpr std::array slot_tables = {"articles",      "article_tags",     "article_names",
                                    "article_slugs", "article_workflow", "article_metadata",
                                    "article_lists"};

using SlotTables = std::array<std::string, slot_tables.size()>;

struct Definition {
    std::string name;
    std::string sql;
};
/// Of these tables and of their indexes, tables first.
std::vector<Definition> definitions_of(database::ReadTransaction& transaction,
                                       const SlotTables& tables) {
    auto rows = transaction.prepare(
        "select name, sql from sqlite_schema where sql is not null"
        " and tbl_name in (?, ?, ?, ?, ?, ?, ?) order by type desc");
    for (std::size_t i = 0; i < tables.size(); ++i) rows.bind(static_cast<int>(i) + 1, tables[i]);
    std::vector<Definition> definitions;
    while (rows.step())
        definitions.push_back({std::string(rows.text(0)), std::string(rows.text(1))});
    return definitions;
}

void put_tags(database::Transaction& transaction, Slot slot, const Article* before,
              const Article& article) {
    static const SlotSql remove(
        "delete from article_tags_# where tag = ? and published_at = ? and id = ?");
    static const SlotSql insert(
        "insert into article_tags_# (tag, published_at, id) values (?, ?, ?)");
    bool now_listed = is_listed(article);
    bool was_listed = before && is_listed(*before);
    if (was_listed && now_listed && before->tags == article.tags &&
        before->published_at == article.published_at) {
        return;
    }
    if (was_listed) {
        for (const auto& tag : before->tags) {
            transaction.prepare(remove[slot])
                .bind(1, tag)
                .bind(2, micros(before->published_at))
                .bind(3, before->id)
                .run();
        }
    }
    if (now_listed) {
        for (const auto& tag : article.tags) {
            transaction.prepare(insert[slot])
                .bind(1, tag)
                .bind(2, micros(article.published_at))
                .bind(3, article.id)
                .run();
        }
    }
}

}  // namespace

std::vector<database::MigrationSet> query_schema() {
    return {bus::subscriber_schema(), migrations::news_query()};
}

Slot active_slot(database::ReadTransaction& transaction) {
    auto row = transaction.prepare("select slot from active_slot");
    row.step();
    return row.text(0) == "b" ? Slot::b : Slot::a;
}

std::string_view letter_of(Slot slot) {
    return slot == Slot::a ? "a" : "b";
}

Slot other(Slot slot) {
    return slot == Slot::a ? Slot::b : Slot::a;
}

ArticleRow ArticleStore::read(const database::Statement& row) const {
    ArticleRow stored;
    auto& article = stored.article;
    article.id = row.integer(0);
    article.version = row.integer(1);
    article.status = status_from_stored(row.text(2));
    if (auto published = row.integer_or_null(3)) {
        article.published_at = base::from_micros(*published);
    }
    article.created_at = base::from_micros(row.integer(4));
    article.updated_at = base::from_micros(row.integer(5));
    stored.created_by = row.integer_or_null(6);
    article.title = row.text(7);
    article.description = row.text(8);
    article.content = row.text(9);
    article.author = row.text(10);
    article.tags = tags_from_json(row.text(11));
    article.news_type = news_type_;
    if (!named_) return stored;
    article.slug = row.text(12);
    article.extra = row.text(13);
    article.legacy_id = row.text(14);
    article.content_format = parse_content_format(row.text(15)).value_or(ContentFormat::text);
    stored.moved_to = moved_from(row.text(16));
    read_workflow(article, row, 17);
    article.metadata = metadata_from_json(row.text(21));
    return stored;
}

std::vector<Article> ArticleStore::read_all(database::Statement& rows) const {
    std::vector<Article> articles;
    while (rows.step()) articles.push_back(std::move(read(rows).article));
    return articles;
}

std::optional<ArticleRow> ArticleStore::find(ArticleId id) const {
    static const SlotSql sql("select " + named_columns + named_articles + " where id = ?");
    auto row = transaction_.prepare(sql[slot_]);
    row.bind(1, id);
    if (!row.step()) return std::nullopt;
    return read(row);
}

std::optional<ArticleState> ArticleStore::standing(ArticleId id) const {
    static const SlotSql sql(
        "select status, created_by, coalesce(notice, '') from articles_#"
        " left join article_workflow_# on item = id where id = ?");
    auto row = transaction_.prepare(sql[slot_]);
    row.bind(1, id);
    if (!row.step()) return std::nullopt;
    ArticleState state;
    state.status = parse_status(row.text(0)).value_or(Status::draft);
    state.created_by = row.integer_or_null(1);
    state.notice = row.text(2);
    return state;
}

std::vector<Article> ArticleStore::several(const std::vector<ArticleId>& ids,
                                           Contents contents) const {
    static const std::string ending = named_articles + " where id = ? and status = 'published'";
    static const SlotSql whole("select " + named_columns + ending);
    static const SlotSql rest("select " + columns_without_content + ending);
    auto row = transaction_.prepare(contents == Contents::read ? whole[slot_] : rest[slot_]);
    std::vector<Article> articles;
    for (auto id : ids) {
        row.reset().bind(1, id);
        if (row.step()) articles.push_back(std::move(read(row).article));
    }
    return articles;
}

std::vector<Article> ArticleStore::page(std::int64_t skip, std::int64_t limit) const {
    // What is skipped within a block is only stepped over in the index, no row is read for it.
    static const SlotSql sql("select " + named_columns + named_articles +
                             " where status = 'published' and (published_at, id) < (?1, ?2)"
                             " order by published_at desc, id desc limit ?3 offset ?4");
    auto step = step_over(transaction_, slot_, {highest_place, skip});
    auto rows = transaction_.prepare(sql[slot_]);
    rows.bind(1, step.below.published_at).bind(2, step.below.id);
    rows.bind(3, limit).bind(4, step.skip);
    return read_all(rows);
}

std::vector<Article> ArticleStore::list(const std::optional<ListCursor>& after,
                                        std::int64_t limit) const {
    static const std::string base_sql =
        "select " + named_columns + named_articles + " where status = 'published'";
    static const std::string order = " order by published_at desc, id desc limit ?3";
    static const SlotSql less(base_sql + " and (published_at, id) < (?1, ?2)" + order);
    static const SlotSql less_or_equal(base_sql + " and (published_at, id) <= (?1, ?2)" + order);
    if (!after) return page(0, limit);
    // Two types may have an article of the same time and id: then the type's name decides.
    auto rows = transaction_.prepare(may_equal(*after) ? less_or_equal[slot_] : less[slot_]);
    rows.bind(1, base::to_micros(after->published_at)).bind(2, after->id).bind(3, limit);
    return read_all(rows);
}

std::vector<Article> ArticleStore::tagged(const std::string& tag,
                                          const std::optional<ListCursor>& after,
                                          std::int64_t limit) const {
    static const std::string base_sql =
        "select a.id, a.version, a.status, a.published_at, a.created_at, a.updated_at, "
        "a.created_by,"
        " a.title, a.description, a.content, a.author, a.tags" +
        names + workflow_columns + metadata_of("a.id") +
        " from article_tags_# t join articles_# a on a.id = t.id"
        " left join article_names_# on article = a.id"
        " left join article_workflow_# on item = a.id where t.tag = ?1";
    static const std::string order = " order by t.published_at desc, t.id desc limit ?4";
    static const SlotSql less(base_sql + " and (t.published_at, t.id) < (?2, ?3)" + order);
    static const SlotSql less_or_equal(base_sql + " and (t.published_at, t.id) <= (?2, ?3)" +
                                       order);
    auto rows =
        transaction_.prepare(after && may_equal(*after) ? less_or_equal[slot_] : less[slot_]);
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    rows.bind(1, tag);
    rows.bind(2, after ? base::to_micros(after->published_at) : highest);
    rows.bind(3, after ? after->id : highest);
    rows.bind(4, limit);
    return read_all(rows);
}

std::vector<Due> ArticleStore::due(base::Time now, const Due& after, std::int64_t limit) const {
    static const SlotSql sql(
        "select id, published_at from articles_# where status = 'draft'"
        " and published_at is not null and published_at <= ?1 and (published_at, id) > (?2, ?3)"
        " order by published_at, id limit ?4");
    auto rows = transaction_.prepare(sql[slot_]);
    return read_due(rows, now, after, limit);
}

std::vector<ArticleRow> ArticleStore::all_after(ArticleId id, std::int64_t limit) const {
    static const std::string ending = " where id > ? order by id limit ?";
    static const SlotSql named("select " + named_columns + named_articles + ending);
    static const SlotSql plain("select " + columns + " from articles_#" + ending);
    auto rows = transaction_.prepare(named_ ? named[slot_] : plain[slot_]);
    rows.bind(1, id).bind(2, limit);
    std::vector<ArticleRow> all;
    database::RisingKeys<ArticleId> ids(transaction_, "the articles of the view", id);
    while (rows.step()) {
        ids.next(rows.integer(0));
        all.push_back(read(rows));
    }
    return all;
}

bool put(database::Transaction& transaction, Slot slot, const std::optional<ArticleRow>& before,
         const ArticleRow& row) {
    static const SlotSql insert("insert into articles_# (" + columns +
                                ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
                                " on conflict (id) do nothing");
    static const SlotSql update(
        "update articles_# set version = ?2, status = ?3, published_at = ?4, created_at = ?5,"
        " updated_at = ?6, created_by = ?7, title = ?8, description = ?9, content = ?10,"
        " author = ?11, tags = ?12 where id = ?1");
    const auto& article = row.article;
    std::string tags = tags_to_json(article.tags);
    transaction.prepare(before ? update[slot] : insert[slot])
        .bind(1, article.id)
        .bind(2, article.version)
        .bind(3, stored_status(article))
        .bind(4, micros(article.published_at))
        .bind(5, base::to_micros(article.created_at))
        .bind(6, base::to_micros(article.updated_at))
        .bind(7, row.created_by)
        .bind(8, article.title)
        .bind(9, article.description)
        .bind(10, article.content)
        .bind(11, article.author)
        .bind(12, tags)
        .run();
    if (!before && transaction.changes() == 0) return false;
    put_tags(transaction, slot, before ? &before->article : nullptr, article);
    put_names(transaction, slot, before ? &*before : nullptr, row);
    put_workflow(transaction, slot, before ? &before->article : nullptr, article);
    put_metadata(transaction, slot, before ? &before->article : nullptr, article);
    put_entries(transaction, slot, before ? &before->article : nullptr, article);
    return true;
}

void create_slot(database::Transaction& transaction, Slot slot) {
    std::string from = "_" + std::string(letter_of(other(slot)));
    std::string to = "_" + std::string(letter_of(slot));
    SlotTables tables;
    for (std::size_t i = 0; i < tables.size(); ++i) tables[i] = slot_tables[i] + from;
    auto definitions = definitions_of(transaction, tables);
    std::erase_if(definitions, [&](const Definition& made) { return made.name == tables[0]; });
    begin_counts(transaction, slot, {});
    begin_blocks(transaction, slot);
    begin_months(transaction, slot, {});
    forget_list_counts(transaction, slot);
    for (const char* name : slot_tables) transaction.execute("drop table if exists " + (name + to));
    transaction.execute(articles_definition[slot]);
    for (auto& [made, sql] : definitions) {
        for (const char* name : slot_tables) {
            std::string old_name = name + from;
            for (auto at = sql.find(old_name); at != std::string::npos;
                 at = sql.find(old_name, at + old_name.size())) {
                sql.replace(at, old_name.size(), name + to);
            }
        }
        transaction.execute(sql);
    }
}

void arrange_articles(database::Transaction& transaction, Slot slot) {
    static const SlotSql any("select 1 from articles_# limit 1");
    static const SlotSql drop("drop table articles_#");
    if (transaction.prepare(any[slot]).step()) return;
    SlotTables table;
    table.fill("articles_" + std::string(letter_of(slot)));
    auto definitions = definitions_of(transaction, table);
    for (const auto& [name, sql] : definitions) {
        if (sql == articles_definition[slot]) return;
    }
    transaction.execute(drop[slot]);
    for (const auto& [name, sql] : definitions) {
        transaction.execute(name == table[0] ? articles_definition[slot] : sql);
    }
}

bool clear_slot(database::Transaction& transaction, Slot slot, std::int64_t count) {
    static const SlotSql articles(
        "delete from articles_# where id in (select id from articles_# limit ?)");
    static const SlotSql tags(
        "delete from article_tags_# where (tag, published_at, id) in"
        " (select tag, published_at, id from article_tags_# limit ?)");
    static const SlotSql named(
        "delete from article_names_# where article in (select article from article_names_# limit "
        "?)");
    static const SlotSql slugs(
        "delete from article_slugs_# where (slug, id) in"
        " (select slug, id from article_slugs_# limit ?)");
    static const SlotSql workflow(
        "delete from article_workflow_# where item in (select item from article_workflow_# limit"
        " ?)");
    static const SlotSql metadata(
        "delete from article_metadata_# where news in (select news from article_metadata_# limit"
        " ?)");
    static const SlotSql lists(
        "delete from article_lists_# where (list, word, at, id) in"
        " (select list, word, at, id from article_lists_# limit ?)");
    std::int64_t deleted = 0;
    for (const auto* sql : {&articles, &tags, &named, &slugs, &workflow, &metadata, &lists}) {
        transaction.prepare((*sql)[slot]).bind(1, count).run();
        deleted += transaction.changes();
    }
    if (deleted > 0) return true;
    forget_counts(transaction, slot);
    forget_blocks(transaction, slot);
    forget_months(transaction, slot);
    forget_list_counts(transaction, slot);
    for (std::string name : slot_tables) {
        transaction.execute("drop table " + name + "_" + std::string(letter_of(slot)));
    }
    return false;
}

void activate_slot(database::Transaction& transaction, Slot slot) {
    transaction.prepare("update active_slot set slot = ?").bind(1, letter_of(slot)).run();
}

}  // namespace news
