#include "recommendation/module.hpp"

#include "article_inbox.hpp"
#include "base/hmac.hpp"
#include "bus/store_inbox.hpp"
#include "host/hearing.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "interest_service.hpp"
#include "jobs.hpp"
#include "log_sweep_service.hpp"
#include "projector.hpp"
#include "ranking_service.hpp"
#include "reader_routes.hpp"
#include "routes.hpp"
#include "visit_consumer.hpp"

namespace recommendation {

namespace {

GraphLimits graph_limits(const Config& config) {
    return {config.labels_per_user_max, config.repeat_interval_ms};
}

VisitConsumer::Limits visit_limits(const Config& config) {
    return {config.batch_interval_ms, config.batch_visits_max,
            static_cast<std::size_t>(config.ring_visits_max)};
}

Learner::Limits learner_limits(const Config& config, const host::Environment& environment) {
    Learner::Limits limits;
    limits.snapshot = (environment.folder / "recommendation.ranking").string();
    limits.snapshot_rows = config.snapshot_rows;
    limits.weights = config.ranking;
    limits.ranking.readers_max = static_cast<std::size_t>(config.ranked_readers_max);
    limits.ranking.articles_max = static_cast<std::size_t>(config.ranked_articles_max);
    limits.ranking.labels_max = static_cast<std::size_t>(config.ranked_labels_max);
    limits.questions_max = config.ranking_questions_max;
    return limits;
}

InterestService::Limits service_limits(const Config& config) {
    return {config.labels_per_user_max, config.answer_entries_max, config.profiles_deadline_ms,
            config.profiles_breaker};
}

/// What was settled when the store was made, or is now.
struct Settled {
    Scale scale{};
    std::string reader_key{};
    std::int64_t last = 0;  ///< of the log
    SnapshotName snapshot{};
};

/// The line that turns times into scores is written anew only if there is none, or the half-life is
/// another one by now; the key of readers only if there is none.
base::Result<Settled> settle(database::Database& database, const GraphLimits& limits,
                             std::chrono::microseconds half_life, base::Time now) {
    auto work = [&](database::Transaction& transaction) -> base::Result<Settled> {
        Settled settled;
        auto key = reader_key(transaction);
        settled.reader_key = key.value_or(base::make_signing_key());
        if (!key) put_reader_key(transaction, settled.reader_key);
        auto stored = GraphStore(transaction).scale();
        settled.scale = stored.value_or(Scale{now, 0, half_life});
        if (stored && stored->half_life != half_life) {
            settled.scale = with_half_life(*stored, half_life, now);
        }
        GraphWriter graph(transaction, limits);
        if (!stored || stored->half_life != half_life) graph.put_scale(settled.scale);
        Pseudonyms pseudonyms(settled.reader_key);
        for (auto user : graph.take_removed()) {
            ReaderWriter(transaction).leave_out(pseudonyms.of_user(user), LeftOut::removed);
        }
        settled.last = LogStore(transaction).last();
        settled.snapshot = snapshot_name(transaction);
        return settled;
    };
    return base::run(database.write<Settled>(base::Deadline(), 0, std::move(work)));
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, const Settled& settled,
                  std::unique_ptr<database::Database> database)
        : tasks_("recommendation", environment),
          users_head_(neighbours.users_feed.head()),
          database_(std::move(database)),
          pseudonyms_(settled.reader_key),
          learner_(*database_, environment.clock, environment.metrics,
                   learner_limits(config, environment), environment.background),
          visits_(*database_, environment.clock, environment.metrics, pseudonyms_, settled.scale,
                  {graph_limits(config), config.choices_max}, learner_),
          sweep_(*database_, environment.clock,
                 {std::chrono::hours(24 * config.log_days), config.log_rows_max},
                 environment.background),
          projector_(pseudonyms_, graph_limits(config),
                     environment.metrics.counter("portal_recommendation_edges_removed_total",
                                                 "Edges that are gone.", {{"why", "removed"}}),
                     learner_),
          users_inbox_(users_subscription, *database_, projector_, environment.clock),
          removals_(neighbours.users_feed, users_inbox_, environment.clock, config.bus,
                    environment.background),
          consumer_(neighbours.visits, visits_, environment.clock, environment.metrics,
                    visit_limits(config), environment.background),
          interests_(*database_, neighbours.users, environment.clock, environment.metrics,
                     settled.scale, service_limits(config)),
          rankings_(learner_, *database_, pseudonyms_, environment.clock,
                    [this](std::int64_t user) {
                        auto reads = consumer_.pending_of(user);
                        visits_.add_unlearned(user, reads);
                        return reads;
                    }),
          preferences_(*database_, pseudonyms_, environment.clock, config.choices_max),
          routes_(interests_),
          reader_routes_(visits_, preferences_, interests_, neighbours.users, pseudonyms_,
                         environment.clock, {config.visits_max, config.short_view_ms}),
          hearing_("recommendation", *database_, environment, config.bus,
                   host::OlderLog::heard_anew),
          ranking_(config.ranking) {
        learner_.load(settled.last, settled.snapshot);
        for (const auto& [type, feed] : neighbours.news_feeds) {
            auto committed = [this](std::int64_t position) { learner_.committed(position); };
            articles_.push_back(std::make_unique<ArticleProjector>(type, committed));
            hearing_.add(*feed,
                         std::make_unique<ArticleInbox>(type, *database_, *articles_.back(),
                                                        environment.clock, committed),
                         "what is new is not recommended");
        }
        add_gauge(environment.metrics, "portal_recommendation_visits_backlog",
                  "Visits that are published, but not applied yet.",
                  [this] { return static_cast<double>(consumer_.backlog()); });
        add_gauge(environment.metrics, "portal_recommendation_ranking_backlog_rows",
                  "Rows of the log of visits that the ranking has not learned yet.",
                  [this] { return static_cast<double>(learner_.backlog()); });
        add_gauge(environment.metrics, "portal_recommendation_users_backlog_events",
                  "Events of the users log that the graph has not heard yet.",
                  [this] { return static_cast<double>(removals_.backlog()); });
        add_gauge(environment.metrics, "portal_recommendation_parked_streams",
                  "Users whose removal the graph could not take.",
                  [this] { return static_cast<double>(removals_.parked()); });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    base::Result<void> load(bool accept_older_data) {
        auto heard = hearing_.load();
        if (!heard) return heard;
        auto loaded = base::run(removals_.load());
        if (!loaded || removals_.fits() || accept_older_data) return loaded;
        if (removals_.loaded().position <= users_head_.value()) return {};
        return base::Error{base::Reason::conflict, "older_data",
                           "The log of users (users.db) is older than what recommendation.db has "
                           "seen: it ends at event " +
                               std::to_string(users_head_.value()) + ", recommendation is at " +
                               std::to_string(removals_.loaded().position) +
                               ". Put the newer file back, or start with --accept-older-data to "
                               "go on with this one."};
    }

    const Recommendations& recommendations() const override { return interests_; }
    const Rankings& rankings() const override { return rankings_; }
    void add_routes(http::Router& router) override {
        routes_.add_to(router);
        reader_routes_.add_to(router);
        router.add(operations::health_route("/v1/recommendation/healthcheck", checks()));
    }

    std::string name() const override { return "recommendation"; }
    std::vector<operations::Check> checks() override {
        auto check = host::store_check("recommendation", *database_);
        auto fits = [this] { return removals_.fits(); };
        check.ask = [fits, ask = std::move(check.ask)]() -> std::string {
            auto problem = ask();
            if (!problem.empty() || fits()) return problem;
            return "the log of users is not the one it has heard; it hears it anew";
        };
        return {std::move(check)};
    }

    std::vector<host::NamedSubscription> subscriptions() override {
        auto all = hearing_.subscriptions();
        all.push_back({"recommendation.removals", &removals_});
        return all;
    }
    std::vector<operations::NamedJob> jobs() override { return {replay_job(ranking_)}; }
    base::Task<void> start() override {
        tasks_.spawn("removals", "removals of users are not followed",
                     [this] { return removals_.run(); });
        tasks_.spawn("visits", "visits are not applied", [this] { return consumer_.run(); });
        tasks_.spawn("learning", "what is read is not learned", [this] { return learner_.run(); });
        hearing_.start(tasks_);
        tasks_.spawn("log_sweep", "old visits are not forgotten", [this] { return sweep_.run(); });
        co_return base::Result<void>();
    }

    base::Task<void> stop(base::Deadline deadline) override {
        removals_.stop();
        consumer_.stop();
        hearing_.stop();
        learner_.stop();
        sweep_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    void add_gauge(telemetry::Metrics& metrics, const char* name, const char* help,
                   std::function<double()> read) {
        gauges_.push_back(metrics.gauge(name, help, {}, std::move(read)));
    }

    host::TaskGroup tasks_;
    const base::Watermark& users_head_;
    std::unique_ptr<database::Database> database_;
    const Pseudonyms pseudonyms_;
    Learner learner_;
    VisitService visits_;
    LogSweep sweep_;
    Projector projector_;
    bus::StoreInbox users_inbox_;
    bus::Subscription removals_;
    VisitConsumer consumer_;
    InterestService interests_;
    RankingService rankings_;
    PreferenceService preferences_;
    Routes routes_;
    ReaderRoutes reader_routes_;
    std::vector<std::unique_ptr<ArticleProjector>> articles_;
    host::Hearing hearing_;
    RankingWeights ranking_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{"recommendation", folder / "recommendation.db", database::StoreKind::other, "people"}};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours) {
    auto database = host::open_store(stores(config, environment.folder).front(), graph_schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto now = environment.clock.now();
    auto settled = settle(**database, graph_limits(config), config.half_life_h, now);
    if (!settled && !database::is_out(settled.error())) return settled.error();
    if (!settled) settled = Settled{{now, 0, config.half_life_h}, base::make_signing_key(), 0, {}};

    auto module = std::make_unique<RunningModule>(config, environment, neighbours, *settled,
                                                  std::move(*database));
    auto loaded = database::unless_out(module->load(environment.accept_older_data));
    if (!loaded) return loaded.error();
    return std::unique_ptr<Module>(std::move(module));
}

}  // namespace recommendation
