#include "entry_store.hpp"

#include <algorithm>
#include <limits>

#include "event_json.hpp"
#include "news/workflow.hpp"
#include "slot_sql.hpp"

namespace news {

namespace {

void change(database::Transaction& transaction, const std::string& sql, const ListEntry& entry) {
    transaction.prepare(sql)
        .bind(1, entry.list)
        .bind(2, entry.word)
        .bind(3, entry.at)
        .bind(4, entry.id)
        .run();
}

void change(database::Transaction& transaction, Slot slot, const std::vector<ListEntry>& before,
            const std::vector<ListEntry>& after) {
    static const SlotSql insert(
        "insert into article_lists_# (list, word, at, id) values (?, ?, ?, ?)");
    static const SlotSql remove(
        "delete from article_lists_# where list = ? and word = ? and at = ? and id = ?");
    auto is_in = [](const std::vector<ListEntry>& all, const ListEntry& entry) {
        return std::binary_search(all.begin(), all.end(), entry);
    };
    for (const auto& entry : before) {
        if (!is_in(after, entry)) change(transaction, remove[slot], entry);
    }
    for (const auto& entry : after) {
        if (!is_in(before, entry)) change(transaction, insert[slot], entry);
    }
}

}  // namespace

std::vector<ListEntry> entries_of(const Article& article) {
    std::vector<ListEntry> entries;
    if (is_listed(article)) {
        const auto& language = article.metadata.language;
        if (language.empty() || !article.published_at) return entries;
        entries.push_back({std::string(language_list), language,
                           base::to_micros(*article.published_at), article.id});
        return entries;
    }
    std::string stage(name_of(stage_of({article.status, article.published_at})));
    for (const auto& tag : article.tags) {
        entries.push_back({stage, tag, base::to_micros(article.updated_at), article.id});
    }
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
    return entries;
}

void put_entries(database::Transaction& transaction, Slot slot, const Article* before,
                 const Article& article) {
    std::vector<ListEntry> none;
    change(transaction, slot, before ? entries_of(*before) : none, entries_of(article));
}

void drop_entries(database::Transaction& transaction, Slot slot, const Article& article) {
    change(transaction, slot, entries_of(article), {});
}

bool has_entries(database::ReadTransaction& transaction) {
    return transaction
        .prepare(
            "select 1 from schema_migrations where set_name = 'news_query'"
            " and name = '0007_list_items'")
        .step();
}

bool stands_in(database::ReadTransaction& transaction, Slot slot, const ListEntry& entry) {
    static const SlotSql sql(
        "select 1 from article_lists_# where list = ? and word = ? and at = ? and id = ?");
    auto row = transaction.prepare(sql[slot]);
    row.bind(1, entry.list).bind(2, entry.word).bind(3, entry.at).bind(4, entry.id);
    return row.step();
}

std::optional<ListEntry> list_after(database::ReadTransaction& transaction, Slot slot,
                                    const ListEntry& entry) {
    static const SlotSql sql(
        "select list, word from article_lists_# where (list, word) > (?, ?)"
        " order by list, word limit 1");
    auto row = transaction.prepare(sql[slot]);
    row.bind(1, entry.list).bind(2, entry.word);
    if (!row.step()) return std::nullopt;
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    ListEntry next{std::string(row.text(0)), std::string(row.text(1)), highest, highest};
    using Key = std::pair<std::string, std::string>;
    database::RisingKeys<Key> keys(transaction, "the lists of the view",
                                   Key(entry.list, entry.word));
    keys.next(Key(next.list, next.word));
    return next;
}

std::vector<CheckedEntry> entries_after(database::ReadTransaction& transaction, Slot slot,
                                        const ListEntry& entry, std::int64_t limit) {
    static const SlotSql sql(
        "select at, l.id, stage, status, updated_at, published_at, tags, language"
        " from article_lists_# l left join articles_# a on a.id = l.id"
        " left join article_metadata_# on news = l.id"
        " where list = ?1 and word = ?2 and (at, l.id) < (?3, ?4)"
        " order by at desc, l.id desc limit ?5");
    // The list falls: what rises is the distance from its top.
    using Key = std::pair<std::int64_t, std::int64_t>;
    database::RisingKeys<Key> keys(transaction, "the lists of the view", Key(-entry.at, -entry.id));
    auto rows = transaction.prepare(sql[slot]);
    rows.bind(1, entry.list).bind(2, entry.word).bind(3, entry.at).bind(4, entry.id).bind(5, limit);
    std::vector<CheckedEntry> entries;
    while (rows.step()) {
        ListEntry found{entry.list, entry.word, rows.integer(0), rows.integer(1)};
        keys.next(Key(-found.at, -found.id));
        bool fits = false;
        if (entry.list == language_list) {
            fits = rows.text(3) == name_of(Status::published) &&
                   rows.integer_or_null(5) == found.at && rows.text(7) == entry.word;
        } else if (rows.text(3) != name_of(Status::published) && rows.text(2) == entry.list &&
                   rows.integer_or_null(4) == found.at) {
            auto tags = tags_from_json(rows.text(6));
            fits = std::find(tags.begin(), tags.end(), entry.word) != tags.end();
        }
        entries.push_back({std::move(found), fits});
    }
    return entries;
}

}  // namespace news
