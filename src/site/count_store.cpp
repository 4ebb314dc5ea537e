#include "count_store.hpp"

#include <stdexcept>

#include "bus/call_store.hpp"
#include "bus/log.hpp"
#include "bus/store_inbox.hpp"

namespace migrations {
database::MigrationSet site();
}

namespace site {

namespace {

/// What was counted of an article.
struct Counted {
    std::int64_t version = 0;
    State state = State::draft;
};

std::optional<Counted> find(database::ReadTransaction& transaction, const std::string& news_type,
                            std::int64_t id, std::int64_t round) {
    auto row = transaction.prepare(
        "select version, state from counted where news_type = ? and id = ? and round = ?");
    row.bind(1, news_type).bind(2, id).bind(3, round);
    if (!row.step()) return std::nullopt;
    auto state = parse_state(row.text(1));
    if (!state) transaction.damaged("an article is counted in a state that is none");
    return Counted{row.integer(0), *state};
}

}  // namespace

std::vector<database::MigrationSet> schema() {
    return {bus::log_schema(), bus::calls_schema(), bus::subscriber_schema(), migrations::site()};
}

std::int64_t CountWriter::round() {
    auto row = transaction_.prepare("select round from counts where news_type = ?");
    row.bind(1, news_type_);
    if (row.step()) return row.integer(0);
    transaction_
        .prepare(
            "insert into counts (news_type, round, draft, scheduled, published, removed)"
            " values (?, 1, 0, 0, 0, 0)")
        .bind(1, news_type_)
        .run();
    return 1;
}

void CountWriter::count(std::int64_t id, std::int64_t version, std::optional<State> state) {
    auto in_round = round();
    auto before = find(transaction_, news_type_, id, in_round);
    if (before && before->version >= version) return;
    if (!before && !state) throw std::runtime_error("an article was revised before it was created");
    auto after = state.value_or(before ? before->state : State::draft);
    transaction_
        .prepare(
            "insert into counted (news_type, id, round, version, state)"
            " values (?1, ?2, ?3, ?4, ?5) on conflict (news_type, id)"
            " do update set round = ?3, version = ?4, state = ?5")
        .bind(1, news_type_)
        .bind(2, id)
        .bind(3, in_round)
        .bind(4, version)
        .bind(5, name_of(after))
        .run();
    if (before && before->state == after) return;
    StateCounts change;
    ++count_in(change, after);
    if (before) --count_in(change, before->state);
    transaction_
        .prepare(
            "update counts set draft = draft + ?2, scheduled = scheduled + ?3,"
            " published = published + ?4, removed = removed + ?5 where news_type = ?1")
        .bind(1, news_type_)
        .bind(2, change.draft)
        .bind(3, change.scheduled)
        .bind(4, change.published)
        .bind(5, change.removed)
        .run();
}

void CountWriter::begin_anew() {
    transaction_
        .prepare(
            "update counts set round = round + 1, draft = 0, scheduled = 0, published = 0,"
            " removed = 0 where news_type = ?")
        .bind(1, news_type_)
        .run();
}

std::map<std::string, StateCounts> read_counts(database::ReadTransaction& transaction) {
    std::map<std::string, StateCounts> all;
    auto row =
        transaction.prepare("select news_type, draft, scheduled, published, removed from counts");
    while (row.step()) {
        all[std::string(row.text(0))] = {row.integer(1), row.integer(2), row.integer(3),
                                         row.integer(4)};
    }
    return all;
}

}  // namespace site
