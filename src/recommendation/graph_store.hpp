#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/database.hpp"
#include "interest.hpp"
#include "news/events.hpp"

namespace recommendation {

/// What the graph keeps at most, and for how long.
struct GraphLimits {
    std::int64_t labels_per_user_max = 0;
    std::chrono::microseconds repeat_interval{};
};

/// What one or more visits have done.
struct VisitsApplied {
    std::int64_t counted = 0;        ///< visits that were no repeats
    std::int64_t edges_removed = 0;  ///< to keep the bound

    VisitsApplied& operator+=(const VisitsApplied& other);
};

/// What is read often or from large tables. Each must be a search in an index, and those with an
/// order must find it there: a test asks SQLite for its plan of every one of them.
namespace questions {
inline constexpr std::string_view edges_of_user =
    "select e.label, e.rank, e.last_seen, l.readers from edges e join labels l on l.label = e.label"
    " where e.user_id = ?1 order by e.rank desc limit ?2";
inline constexpr std::string_view readers_of_label =
    "select user_id from edges where label = ?1 order by rank desc limit ?2";
inline constexpr std::string_view lightest_of_user =
    "select label from edges where user_id = ?1 order by rank limit ?2";
inline constexpr std::string_view labels_of_user = "select label from edges where user_id = ?1";
inline constexpr std::string_view oldest_visits =
    "select user_id, news_type, news_id from views where seen_at < ?1 order by seen_at limit ?2";
}  // namespace questions

/// The graph within one transaction: what is asked.
class GraphStore {
public:
    explicit GraphStore(database::ReadTransaction& transaction) : transaction_(transaction) {}

    /// By rank, highest first.
    std::vector<Edge> edges_of(std::int64_t user_id, std::int64_t most) const;
    std::vector<std::int64_t> readers_of(const std::string& label, std::int64_t most) const;
    std::int64_t readers_total() const;
    std::optional<Scale> scale() const;

private:
    database::ReadTransaction& transaction_;
};

/// The graph within one transaction: what is changed. Edges and their counts change together.
class GraphWriter {
public:
    GraphWriter(database::Transaction& transaction, const GraphLimits& limits)
        : transaction_(transaction), limits_(limits) {}

    /// Repeats change nothing. A visit that claims to be of the future is of `now`: it would
    /// outweigh all others for as long.
    VisitsApplied apply(const news::NewsViewed& visit, const Scale& scale, base::Time now);
    /// Forgets up to `most` visits that are too old to be repeated.
    void forget_visits(base::Time now, std::int64_t most);
    /// Erases a reader with all edges. Gives how many edges there were.
    std::int64_t remove_reader(std::int64_t user_id);
    /// Who was removed before readers were left out by their hashes: given once.
    std::vector<std::int64_t> take_removed();
    void put_scale(const Scale& scale);

private:
    bool note_visit(const news::NewsViewed& visit, base::Time at);
    /// True if the edge is new.
    bool raise_edge(std::int64_t user_id, const std::string& label, double score, base::Time at);
    void remove_edge(std::int64_t user_id, const std::string& label);
    std::int64_t count_labels(std::int64_t user_id, std::int64_t added);
    std::int64_t keep_bound(std::int64_t user_id, std::int64_t labels);
    std::vector<std::string> labels(std::string_view question, std::int64_t user_id,
                                    std::optional<std::int64_t> most) const;

    database::Transaction& transaction_;
    const GraphLimits& limits_;
};

/// The name of the subscription to what happens to users.
inline constexpr const char* users_subscription = "recommendation";

/// The tables of recommendation.db.
std::vector<database::MigrationSet> graph_schema();

}  // namespace recommendation
