#include "graph_store.hpp"

#include <map>
#include <random>
#include <set>

#include "log_store.hpp"
#include "reader_store.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/sqlite_file.hpp"
#include "support/temporary_folder.hpp"

namespace recommendation {

namespace {

using namespace std::chrono_literals;
using database::ReadTransaction;
using database::Transaction;

/// The graph's file without anybody who listens.
class Graph {
public:
    Graph() { open(); }

    void open() {
        database::Options options;
        options.file = folder / "recommendation.db";
        options.name = "recommendation";
        options.migrations = graph_schema();
        database = std::move(*database::Database::open(std::move(options)));
    }
    VisitsApplied apply(std::int64_t user, std::int64_t news, std::vector<std::string> tags,
                        std::optional<base::Time> at = std::nullopt) {
        news::NewsViewed visit{user, "sports", news, std::move(tags), at.value_or(clock.now())};
        auto work = [this, visit](Transaction& transaction) -> base::Result<VisitsApplied> {
            return GraphWriter(transaction, limits).apply(visit, scale, clock.now());
        };
        return *base::run(database->write<VisitsApplied>({}, 0, work));
    }
    std::int64_t remove(std::int64_t user) {
        auto work = [this, user](Transaction& transaction) -> base::Result<std::int64_t> {
            return GraphWriter(transaction, limits).remove_reader(user);
        };
        return *base::run(database->write<std::int64_t>({}, 0, work));
    }
    void forget(std::int64_t most) {
        auto work = [this, most](Transaction& transaction) -> base::Result<bool> {
            GraphWriter(transaction, limits).forget_visits(clock.now(), most);
            return true;
        };
        REQUIRE(base::run(database->write<bool>({}, 0, work)));
    }
    std::vector<Edge> edges(std::int64_t user) {
        auto work = [user](ReadTransaction& transaction) -> base::Result<std::vector<Edge>> {
            return GraphStore(transaction).edges_of(user, 1000);
        };
        return *base::run(database->read<std::vector<Edge>>({}, work));
    }
    std::vector<std::int64_t> readers(std::string label) {
        auto work =
            [label](ReadTransaction& transaction) -> base::Result<std::vector<std::int64_t>> {
            return GraphStore(transaction).readers_of(label, 1000);
        };
        return *base::run(database->read<std::vector<std::int64_t>>({}, work));
    }
    std::int64_t number(const std::string& sql) {
        auto work = [sql](ReadTransaction& transaction) -> base::Result<std::int64_t> {
            auto row = transaction.prepare(sql);
            return row.step() ? row.integer(0) : -1;
        };
        return *base::run(database->read<std::int64_t>({}, work));
    }
    /// Rows whose count is not what the edges say.
    std::int64_t wrong_counts() {
        return number(
            "select (select count(*) from labels l where readers <>"
            " (select count(*) from edges e where e.label = l.label))"
            " + (select count(*) from readers r where labels <>"
            " (select count(*) from edges e where e.user_id = r.user_id))"
            " + abs((select count(distinct label) from edges) - (select count(*) from labels))"
            " + abs((select count(distinct user_id) from edges) - (select count(*) from readers))"
            " + abs((select count(distinct user_id) from edges) - (select readers from totals))");
    }

    support::TemporaryFolder folder;
    support::FakeClock clock;
    Scale scale{clock.now(), 0, 14 * 24h};
    GraphLimits limits{500, 1h};
    std::unique_ptr<database::Database> database;
};

std::vector<std::string> labels(const std::vector<Edge>& edges) {
    std::vector<std::string> all;
    for (const auto& edge : edges) all.push_back(edge.label);
    return all;
}

}  // namespace

TEST_CASE("a visit raises each of its labels, in both directions", "[recommendation]") {
    Graph graph;
    CHECK(graph.apply(7, 1, {"football", "cup"}).counted == 1);
    graph.clock.advance(24h);
    graph.apply(7, 2, {"football"});
    graph.apply(8, 2, {"football"});

    auto edges = graph.edges(7);
    CHECK(labels(edges) == std::vector<std::string>{"football", "cup"});
    CHECK(edges[0].readers_of_label == 2);
    CHECK(edges[0].last_seen == graph.clock.now());
    CHECK(edges[1].readers_of_label == 1);
    CHECK(edges[1].last_seen == graph.clock.now() - 24h);
    CHECK(graph.readers("football") == std::vector<std::int64_t>{7, 8});
    CHECK(graph.readers("cup") == std::vector<std::int64_t>{7});
    CHECK(graph.readers("tennis").empty());
    CHECK(graph.wrong_counts() == 0);
}

TEST_CASE("a visit that is applied again changes nothing, also not out of order",
          "[recommendation]") {
    Graph graph;
    auto first = graph.clock.now();
    CHECK(graph.apply(7, 1, {"a"}).counted == 1);
    auto rank = graph.edges(7)[0].rank;
    CHECK(graph.apply(7, 1, {"a"}).counted == 0);
    graph.clock.advance(59min);
    CHECK(graph.apply(7, 1, {"a", "b"}).counted == 0);
    CHECK(graph.apply(7, 1, {"a"}, first - 10h).counted == 0);
    CHECK(graph.edges(7).size() == 1);
    CHECK(graph.edges(7)[0].rank == rank);
    CHECK(graph.edges(7)[0].last_seen == first);

    graph.clock.advance(1min);
    CHECK(graph.apply(7, 1, {"a"}).counted == 1);
    CHECK(graph.edges(7)[0].rank > rank);
}

TEST_CASE("a visit that comes late counts for its own time", "[recommendation]") {
    Graph graph;
    auto now = graph.clock.now();
    graph.apply(7, 1, {"a"});
    graph.apply(7, 2, {"a", "late"}, now - 14 * 24h);
    auto edges = graph.edges(7);
    REQUIRE(edges.size() == 2);
    CHECK(edges[0].last_seen == now);
    CHECK(weight(edges[0].rank, graph.scale.score(now)) == Approx(1.5));
    CHECK(edges[1].last_seen == now - 14 * 24h);
    CHECK(weight(edges[1].rank, graph.scale.score(now)) == Approx(0.5));
}

TEST_CASE("a visit of the future is one of now", "[recommendation]") {
    Graph graph;
    graph.apply(7, 1, {"a"}, graph.clock.now() + 10000h);
    CHECK(graph.edges(7)[0].last_seen == graph.clock.now());
    CHECK(graph.edges(7)[0].rank == graph.scale.score(graph.clock.now()));
}

TEST_CASE("the lightest labels go when a reader has too many", "[recommendation]") {
    Graph graph;
    graph.limits.labels_per_user_max = 3;
    graph.apply(8, 1, {"l1"});
    for (int i = 1; i <= 3; ++i) {
        graph.apply(7, i, {"l" + std::to_string(i)});
        graph.clock.advance(1h);
    }
    auto applied = graph.apply(7, 4, {"l4", "l5"});
    CHECK(applied.edges_removed == 2);
    CHECK(labels(graph.edges(7)).back() == "l3");
    CHECK(graph.edges(7).size() == 3);
    CHECK(graph.readers("l1") == std::vector<std::int64_t>{8});
    CHECK(graph.readers("l2").empty());

    // A late visit that is lighter than all others makes no room for itself.
    CHECK(graph.apply(7, 5, {"l6"}, graph.clock.now() - 100h).edges_removed == 1);
    CHECK(graph.readers("l6").empty());
    CHECK(graph.wrong_counts() == 0);
}

TEST_CASE("who is removed has no edge and no visit", "[recommendation]") {
    Graph graph;
    graph.apply(7, 1, {"a", "b"});
    graph.apply(8, 1, {"a"});
    CHECK(graph.remove(7) == 2);
    CHECK(graph.edges(7).empty());
    CHECK(graph.readers("a") == std::vector<std::int64_t>{8});
    CHECK(graph.number("select count(*) from views where user_id = 7") == 0);
    CHECK(graph.wrong_counts() == 0);

    CHECK(graph.remove(7) == 0);
    CHECK(graph.edges(7).empty());
    CHECK(graph.number("select readers from totals") == 1);
}

TEST_CASE("visits are forgotten in small batches, and only those that cannot be repeated",
          "[recommendation]") {
    Graph graph;
    for (int i = 1; i <= 5; ++i) graph.apply(7, i, {"a"});
    graph.clock.advance(1h);
    graph.apply(7, 6, {"a"});
    graph.clock.advance(1h);
    graph.forget(10);
    CHECK(graph.number("select count(*) from views") == 6);
    graph.clock.advance(1us);
    graph.forget(3);
    CHECK(graph.number("select count(*) from views") == 3);
    graph.forget(10);
    CHECK(graph.number("select count(*) from views") == 1);
    CHECK(graph.number("select news_id from views") == 6);
    CHECK(graph.edges(7).size() == 1);
}

TEST_CASE("the counts are right whatever happens", "[recommendation]") {
    auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    auto any = [&](int most) { return std::uniform_int_distribution<int>(1, most)(random); };
    Graph graph;
    graph.limits.labels_per_user_max = 6;
    std::set<int> gone;
    for (int round = 0; round < 400; ++round) {
        int user = any(12);
        if (any(40) == 1) {
            graph.remove(user);
            gone.insert(user);
        } else if (!gone.contains(user)) {
            std::vector<std::string> tags;
            for (int i = any(4); i > 0; --i) tags.push_back("t" + std::to_string(any(15)));
            graph.apply(user, any(30), tags, graph.clock.now() - any(100) * 1h);
        }
        graph.clock.advance(10min);
    }
    CHECK(graph.wrong_counts() == 0);
    for (int user = 1; user <= 12; ++user) {
        auto edges = graph.edges(user);
        CHECK(edges.size() <= 6);
        if (gone.contains(user)) CHECK(edges.empty());
    }
}

TEST_CASE("every question is answered from an index, in its order", "[recommendation]") {
    Graph graph;
    auto plan_of = [&](std::string_view sql) {
        auto work = [sql](ReadTransaction& transaction) -> base::Result<std::vector<std::string>> {
            auto rows = transaction.prepare("explain query plan " + std::string(sql));
            std::vector<std::string> plan;
            while (rows.step()) plan.emplace_back(rows.text(3));
            return plan;
        };
        return *base::run(graph.database->read<std::vector<std::string>>({}, work));
    };
    auto faults_of = [&](std::string_view sql) {
        std::string faults;
        for (const auto& step : plan_of(sql)) {
            if (!step.starts_with("SEARCH ")) faults += step + "; ";
        }
        return faults;
    };
    CHECK(faults_of(questions::edges_of_user) == "");
    CHECK(faults_of(questions::readers_of_label) == "");
    CHECK(faults_of(questions::lightest_of_user) == "");
    CHECK(faults_of(questions::labels_of_user) == "");
    CHECK(faults_of(questions::oldest_visits) == "");
    for (auto question :
         {questions::log_after, questions::newest_of_article, questions::log_of_reader,
          questions::articles_of_type, questions::kinds_after, questions::is_superseded,
          questions::labels_chosen, questions::articles_hidden, questions::taken_before}) {
        CAPTURE(question);
        CHECK(faults_of(question) == "");
    }
    CHECK_THAT(plan_of(questions::edges_of_user)[0], Catch::Contains("edges_by_user"));
    CHECK_THAT(plan_of(questions::readers_of_label)[0], Catch::Contains("edges_by_label"));
    CHECK_THAT(plan_of(questions::oldest_visits)[0], Catch::Contains("views_by_age"));

    // The check itself is seen to fail: without an index there is a scan, and a sort.
    CHECK(faults_of("select user_id from edges where last_seen = ?1 order by last_seen, rank") !=
          "");
    CHECK(faults_of("select user_id from edges where user_id = ?1 order by last_seen") != "");
}

}  // namespace recommendation
