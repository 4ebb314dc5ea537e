#include "count_store.hpp"

namespace news {

namespace {

constexpr std::string_view scheduled = "scheduled";

/// The name of the state in which an article is counted.
std::string_view counted_as(const Article& article) {
    bool has_time = article.status == Status::draft && article.published_at;
    return has_time ? scheduled : name_of(article.status);
}

void add_to_counts(database::Transaction& transaction, Slot slot, std::string_view state,
                   std::int64_t articles) {
    transaction
        .prepare("update article_counts set articles = articles + ? where slot = ? and state = ?")
        .bind(1, articles)
        .bind(2, letter_of(slot))
        .bind(3, state)
        .run();
}

void add_state(StateCounts& counts, std::string_view state, std::int64_t articles) {
    auto& count = state == scheduled                    ? counts.scheduled
                  : state == name_of(Status::published) ? counts.published
                  : state == name_of(Status::removed)   ? counts.removed
                                                        : counts.draft;
    count += articles;
}

std::string recount_sql(const char* articles) {
    return std::string(
               "select case when status = 'draft' and published_at is not null then 'scheduled'"
               " else status end as state, count(*) from ") +
           articles + " group by state";
}

}  // namespace

bool has_counts(database::ReadTransaction& transaction) {
    return transaction
        .prepare(
            "select 1 from schema_migrations where set_name = 'news_query'"
            " and name = '0002_count_articles'")
        .step();
}

std::optional<StateCounts> read_counts(database::ReadTransaction& transaction, Slot slot) {
    auto rows = transaction.prepare("select state, articles from article_counts where slot = ?");
    rows.bind(1, letter_of(slot));
    std::optional<StateCounts> counts;
    while (rows.step()) {
        if (!counts) counts.emplace();
        add_state(*counts, rows.text(0), rows.integer(1));
    }
    return counts;
}

StateCounts recount(database::ReadTransaction& transaction, Slot slot) {
    static const std::string of_a = recount_sql("articles_a");
    static const std::string of_b = recount_sql("articles_b");
    auto rows = transaction.prepare(slot == Slot::a ? of_a : of_b);
    StateCounts counts;
    while (rows.step()) add_state(counts, rows.text(0), rows.integer(1));
    return counts;
}

void begin_counts(database::Transaction& transaction, Slot slot, const StateCounts& counts) {
    forget_counts(transaction, slot);
    auto begin = [&](std::string_view state, std::int64_t articles) {
        transaction.prepare("insert into article_counts (slot, state, articles) values (?, ?, ?)")
            .bind(1, letter_of(slot))
            .bind(2, state)
            .bind(3, articles)
            .run();
    };
    begin(name_of(Status::draft), counts.draft);
    begin(scheduled, counts.scheduled);
    begin(name_of(Status::published), counts.published);
    begin(name_of(Status::removed), counts.removed);
}

void fill_counts(database::Transaction& transaction, Slot slot) {
    if (read_counts(transaction, slot)) return;
    begin_counts(transaction, slot, recount(transaction, slot));
}

void put_counts(database::Transaction& transaction, Slot slot, const Article* before,
                const Article& article) {
    auto now = counted_as(article);
    if (before && counted_as(*before) == now) return;
    add_to_counts(transaction, slot, now, 1);
    if (before) add_to_counts(transaction, slot, counted_as(*before), -1);
}

void forget_counts(database::Transaction& transaction, Slot slot) {
    transaction.prepare("delete from article_counts where slot = ?").bind(1, letter_of(slot)).run();
}

}  // namespace news
