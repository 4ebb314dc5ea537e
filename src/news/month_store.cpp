#include "month_store.hpp"

#include <algorithm>
#include <limits>

#include "slot_sql.hpp"

namespace news {

namespace {

bool has_months(database::ReadTransaction& transaction) {
    return transaction
        .prepare(
            "select 1 from schema_migrations where set_name = 'news_query'"
            " and name = '0009_count_months'")
        .step();
}

std::optional<std::int64_t> micros(const std::optional<base::Time>& time) {
    if (!time) return std::nullopt;
    return base::to_micros(*time);
}

void insert_month(database::Transaction& transaction, Slot slot, const Month& month) {
    transaction
        .prepare(
            "insert into article_months (slot, month, articles, changed_at) values (?, ?, ?, ?)")
        .bind(1, letter_of(slot))
        .bind(2, month.name)
        .bind(3, month.articles)
        .bind(4, micros(month.changed_at))
        .run();
}

}  // namespace

std::optional<std::vector<Month>> read_months(database::ReadTransaction& transaction, Slot slot) {
    auto rows = transaction.prepare(
        "select month, articles, changed_at from article_months where slot = ? order by month");
    rows.bind(1, letter_of(slot));
    std::optional<std::vector<Month>> months;
    while (rows.step()) {
        if (!months) months.emplace();
        if (rows.integer(1) == 0) continue;
        Month month{std::string(rows.text(0)), rows.integer(1)};
        if (auto at = rows.integer_or_null(2)) month.changed_at = base::from_micros(*at);
        months->push_back(std::move(month));
    }
    return months;
}

std::vector<Month> recount_months(database::ReadTransaction& transaction, Slot slot) {
    static const SlotSql first(
        "select published_at from articles_# where status = 'published' and published_at >= ?"
        " order by published_at limit 1");
    static const SlotSql count(
        "select count(*) from articles_# where status = 'published' and published_at >= ?"
        " and published_at < ?");
    std::vector<Month> months;
    auto next = std::numeric_limits<std::int64_t>::min();
    auto rows = transaction.prepare(first[slot]);
    auto all = transaction.prepare(count[slot]);
    for (bool more = true; more;) {
        rows.reset().bind(1, next);
        if (!rows.step()) break;
        auto name = month_of(base::from_micros(rows.integer(0)));
        auto end = month_after(name);
        more = end.has_value();
        next = more ? base::to_micros(*begin_of_month(*end))
                    : std::numeric_limits<std::int64_t>::max();
        all.reset().bind(1, rows.integer(0)).bind(2, next);
        all.step();
        months.push_back({std::move(name), all.integer(0)});
    }
    return months;
}

bool has_wrong_months(database::ReadTransaction& transaction, Slot slot) {
    if (!has_months(transaction)) return false;
    auto kept = read_months(transaction, slot);
    if (!kept) return false;
    for (auto& month : *kept) month.changed_at.reset();
    return *kept != recount_months(transaction, slot);
}

void begin_months(database::Transaction& transaction, Slot slot, const std::vector<Month>& months) {
    forget_months(transaction, slot);
    insert_month(transaction, slot, {});
    for (const auto& month : months) insert_month(transaction, slot, month);
}

void fill_months(database::Transaction& transaction, Slot slot) {
    if (read_months(transaction, slot)) return;
    begin_months(transaction, slot, recount_months(transaction, slot));
}

void forget_months(database::Transaction& transaction, Slot slot) {
    transaction.prepare("delete from article_months where slot = ?").bind(1, letter_of(slot)).run();
}

void MonthChanges::add(const Article* before, const Article& after) {
    if (before) add(*before, -1, after.updated_at);
    add(after, 1, after.updated_at);
}

void MonthChanges::drop(const Article& article) {
    add(article, -1, article.updated_at);
}

void MonthChanges::add(const Article& article, std::int64_t change, base::Time at) {
    if (!is_listed(article) || !article.published_at) return;
    auto& month = changes_[month_of(*article.published_at)];
    month.articles += change;
    month.at = std::max(month.at, at);
}

void MonthChanges::write(database::Transaction& transaction, Slot slot) const {
    if (changes_.empty()) return;
    auto kept = transaction.prepare("select 1 from article_months where slot = ? and month = ''");
    if (!kept.bind(1, letter_of(slot)).step()) return;
    for (const auto& [name, change] : changes_) {
        transaction
            .prepare(
                "update article_months set articles = articles + ?1, changed_at ="
                " max(coalesce(changed_at, ?2), ?2) where slot = ?3 and month = ?4")
            .bind(1, change.articles)
            .bind(2, base::to_micros(change.at))
            .bind(3, letter_of(slot))
            .bind(4, name)
            .run();
        if (transaction.changes() == 0) {
            insert_month(transaction, slot, {name, change.articles, change.at});
        }
    }
}

}  // namespace news
