#include "graph_store.hpp"

#include <algorithm>

#include "bus/store_inbox.hpp"

namespace migrations {
database::MigrationSet recommendation();
}

namespace recommendation {

std::vector<database::MigrationSet> graph_schema() {
    return {bus::subscriber_schema(), migrations::recommendation()};
}

VisitsApplied& VisitsApplied::operator+=(const VisitsApplied& other) {
    counted += other.counted;
    edges_removed += other.edges_removed;
    return *this;
}

std::vector<Edge> GraphStore::edges_of(std::int64_t user_id, std::int64_t most) const {
    auto rows = transaction_.prepare(questions::edges_of_user);
    rows.bind(1, user_id).bind(2, most);
    std::vector<Edge> edges;
    while (rows.step()) {
        edges.push_back({std::string(rows.text(0)), rows.real(1),
                         base::from_micros(rows.integer(2)), rows.integer(3)});
    }
    return edges;
}

std::vector<std::int64_t> GraphStore::readers_of(const std::string& label,
                                                 std::int64_t most) const {
    auto rows = transaction_.prepare(questions::readers_of_label);
    rows.bind(1, label).bind(2, most);
    std::vector<std::int64_t> ids;
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

std::int64_t GraphStore::readers_total() const {
    auto row = transaction_.prepare("select readers from totals where id = 1");
    return row.step() ? row.integer(0) : 0;
}

std::optional<Scale> GraphStore::scale() const {
    auto row = transaction_.prepare("select since, base, half_life from scale where id = 1");
    if (!row.step()) return std::nullopt;
    return Scale{base::from_micros(row.integer(0)), row.real(1),
                 std::chrono::microseconds(row.integer(2))};
}

void GraphWriter::put_scale(const Scale& scale) {
    transaction_
        .prepare(
            "insert into scale (id, since, base, half_life) values (1, ?1, ?2, ?3)"
            " on conflict (id) do update set since = ?1, base = ?2, half_life = ?3")
        .bind(1, base::to_micros(scale.since))
        .bind_real(2, scale.base)
        .bind(3, scale.half_life.count())
        .run();
}

VisitsApplied GraphWriter::apply(const news::NewsViewed& visit, const Scale& scale,
                                 base::Time now) {
    auto labels = labels_of(visit.tags);
    if (labels.empty()) return {};
    auto at = std::min(visit.at, now);
    if (!note_visit(visit, at)) return {};

    double score = scale.score(at);
    std::int64_t added = 0;
    for (const auto& label : labels) added += raise_edge(visit.user_id, label, score, at) ? 1 : 0;
    VisitsApplied applied{1, 0};
    if (added > 0) {
        applied.edges_removed = keep_bound(visit.user_id, count_labels(visit.user_id, added));
    }
    return applied;
}

bool GraphWriter::note_visit(const news::NewsViewed& visit, base::Time at) {
    std::optional<base::Time> counted;
    {
        auto row = transaction_.prepare(
            "select seen_at from views where user_id = ? and news_type = ? and news_id = ?");
        row.bind(1, visit.user_id).bind(2, visit.news_type).bind(3, visit.id);
        if (row.step()) counted = base::from_micros(row.integer(0));
    }
    if (!counts(counted, at, limits_.repeat_interval)) return false;
    transaction_
        .prepare(
            "insert into views (user_id, news_type, news_id, seen_at) values (?1, ?2, ?3, ?4)"
            " on conflict (user_id, news_type, news_id) do update set seen_at = ?4")
        .bind(1, visit.user_id)
        .bind(2, visit.news_type)
        .bind(3, visit.id)
        .bind(4, base::to_micros(at))
        .run();
    return true;
}

bool GraphWriter::raise_edge(std::int64_t user_id, const std::string& label, double score,
                             base::Time at) {
    std::optional<double> rank;
    {
        auto row = transaction_.prepare("select rank from edges where user_id = ? and label = ?");
        row.bind(1, user_id).bind(2, label);
        if (row.step()) rank = row.real(0);
    }
    if (rank) {
        // A visit may come after a later one: last_seen never goes back.
        transaction_
            .prepare(
                "update edges set rank = ?3,"
                " last_seen = case when last_seen > ?4 then last_seen else ?4 end"
                " where user_id = ?1 and label = ?2")
            .bind(1, user_id)
            .bind(2, label)
            .bind_real(3, add_view(*rank, score))
            .bind(4, base::to_micros(at))
            .run();
        return false;
    }
    transaction_.prepare("insert into edges (user_id, label, rank, last_seen) values (?, ?, ?, ?)")
        .bind(1, user_id)
        .bind(2, label)
        .bind_real(3, score)
        .bind(4, base::to_micros(at))
        .run();
    transaction_
        .prepare(
            "insert into labels (label, readers) values (?1, 1)"
            " on conflict (label) do update set readers = labels.readers + 1")
        .bind(1, label)
        .run();
    return true;
}

void GraphWriter::remove_edge(std::int64_t user_id, const std::string& label) {
    transaction_.prepare("delete from edges where user_id = ? and label = ?")
        .bind(1, user_id)
        .bind(2, label)
        .run();
    // The row goes before the count would come to nothing, which the table's check forbids.
    transaction_.prepare("delete from labels where label = ? and readers = 1").bind(1, label).run();
    if (transaction_.changes() > 0) return;
    transaction_.prepare("update labels set readers = readers - 1 where label = ?")
        .bind(1, label)
        .run();
}

std::int64_t GraphWriter::count_labels(std::int64_t user_id, std::int64_t added) {
    std::optional<std::int64_t> before;
    {
        auto row = transaction_.prepare("select labels from readers where user_id = ?");
        row.bind(1, user_id);
        if (row.step()) before = row.integer(0);
    }
    auto labels = before.value_or(0) + added;
    transaction_
        .prepare(
            "insert into readers (user_id, labels) values (?1, ?2)"
            " on conflict (user_id) do update set labels = ?2")
        .bind(1, user_id)
        .bind(2, labels)
        .run();
    if (!before) transaction_.prepare("update totals set readers = readers + 1 where id = 1").run();
    return labels;
}

std::int64_t GraphWriter::keep_bound(std::int64_t user_id, std::int64_t labels) {
    auto excess = labels - limits_.labels_per_user_max;
    if (excess <= 0) return 0;
    for (const auto& label : this->labels(questions::lightest_of_user, user_id, excess)) {
        remove_edge(user_id, label);
    }
    count_labels(user_id, -excess);
    return excess;
}

std::int64_t GraphWriter::remove_reader(std::int64_t user_id) {
    auto all = labels(questions::labels_of_user, user_id, std::nullopt);
    for (const auto& label : all) remove_edge(user_id, label);
    transaction_.prepare("delete from views where user_id = ?").bind(1, user_id).run();
    transaction_.prepare("delete from readers where user_id = ?").bind(1, user_id).run();
    if (transaction_.changes() > 0) {
        transaction_.prepare("update totals set readers = readers - 1 where id = 1").run();
    }
    return std::ssize(all);
}

void GraphWriter::forget_visits(base::Time now, std::int64_t most) {
    static const std::string sql = "delete from views where (user_id, news_type, news_id) in (" +
                                   std::string(questions::oldest_visits) + ")";
    transaction_.prepare(sql)
        .bind(1, base::to_micros(now - 2 * limits_.repeat_interval))
        .bind(2, most)
        .run();
}

std::vector<std::string> GraphWriter::labels(std::string_view question, std::int64_t user_id,
                                             std::optional<std::int64_t> most) const {
    auto rows = transaction_.prepare(question);
    rows.bind(1, user_id);
    if (most) rows.bind(2, *most);
    std::vector<std::string> labels;
    while (rows.step()) labels.emplace_back(rows.text(0));
    return labels;
}

std::vector<std::int64_t> GraphWriter::take_removed() {
    std::vector<std::int64_t> users;
    {
        auto rows = transaction_.prepare("select user_id from removed");
        while (rows.step()) users.push_back(rows.integer(0));
    }
    transaction_.prepare("delete from removed").run();
    return users;
}

}  // namespace recommendation
