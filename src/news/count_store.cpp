#include "count_store.hpp"

#include <array>

namespace news {

namespace {

/// A state in which articles are counted, by its stored name.
struct CountedState {
    std::string_view name;
    std::int64_t StateCounts::*count;
};
constexpr std::array<CountedState, 4> counted_states{{{"draft", &StateCounts::draft},
                                                      {"scheduled", &StateCounts::scheduled},
                                                      {"published", &StateCounts::published},
                                                      {"removed", &StateCounts::removed}}};

/// Where an article is counted.
std::int64_t& count_of(StateCounts& counts, const Article& article) {
    switch (article.status) {
        case Status::published:
            // What is under embargo is still to come.
            return article.embargo_until ? counts.scheduled : counts.published;
        case Status::removed:
        case Status::killed:
            return counts.removed;
        case Status::draft:
        case Status::in_review:
        case Status::approved:
            break;
    }
    bool is_scheduled = article.status != Status::in_review && article.published_at;
    return is_scheduled ? counts.scheduled : counts.draft;
}

void read_count(StateCounts& counts, const database::Statement& row) {
    for (const auto& state : counted_states) {
        if (row.text(0) == state.name) counts.*state.count = row.integer(1);
    }
}

std::string recount_sql(const char* articles) {
    return std::string(
               "select case when status = 'published' or status = 'removed' then status"
               " when status = 'killed' then 'removed' when status = 'embargoed' then 'scheduled'"
               " when status <> 'in_review' and published_at is not null then 'scheduled'"
               " else 'draft' end as state, count(*) from ") +
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
        read_count(*counts, rows);
    }
    return counts;
}

StateCounts recount(database::ReadTransaction& transaction, Slot slot) {
    static const std::string of_a = recount_sql("articles_a");
    static const std::string of_b = recount_sql("articles_b");
    auto rows = transaction.prepare(slot == Slot::a ? of_a : of_b);
    StateCounts counts;
    while (rows.step()) read_count(counts, rows);
    return counts;
}

void begin_counts(database::Transaction& transaction, Slot slot, const StateCounts& counts) {
    forget_counts(transaction, slot);
    for (const auto& state : counted_states) {
        transaction.prepare("insert into article_counts (slot, state, articles) values (?, ?, ?)")
            .bind(1, letter_of(slot))
            .bind(2, state.name)
            .bind(3, counts.*state.count)
            .run();
    }
}

void fill_counts(database::Transaction& transaction, Slot slot) {
    if (read_counts(transaction, slot)) return;
    begin_counts(transaction, slot, recount(transaction, slot));
}

void forget_counts(database::Transaction& transaction, Slot slot) {
    transaction.prepare("delete from article_counts where slot = ?").bind(1, letter_of(slot)).run();
}

void CountChanges::add(const Article* before, const Article& after) {
    if (before) --count_of(changes_, *before);
    ++count_of(changes_, after);
}

void CountChanges::drop(const Article& article) {
    --count_of(changes_, article);
}

void CountChanges::write(database::Transaction& transaction, Slot slot) const {
    for (const auto& state : counted_states) {
        auto change = changes_.*state.count;
        if (change == 0) continue;
        transaction
            .prepare(
                "update article_counts set articles = articles + ? where slot = ? and state = ?")
            .bind(1, change)
            .bind(2, letter_of(slot))
            .bind(3, state.name)
            .run();
    }
}

}  // namespace news
