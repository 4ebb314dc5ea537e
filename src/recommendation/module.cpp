#include "recommendation/module.hpp"

#include "bus/store_inbox.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "interest_service.hpp"
#include "jobs.hpp"
#include "projector.hpp"
#include "routes.hpp"
#include "visit_consumer.hpp"

namespace recommendation {

namespace {

GraphLimits graph_limits(const Config& config) {
    return {config.labels_per_user_max, config.repeat_interval_ms};
}

VisitConsumer::Limits visit_limits(const Config& config) {
    return {graph_limits(config), config.batch_interval_ms, config.batch_visits_max,
            static_cast<std::size_t>(config.ring_visits_max)};
}

InterestService::Limits service_limits(const Config& config) {
    return {config.labels_per_user_max, config.answer_entries_max, config.profiles_deadline_ms,
            config.profiles_breaker};
}

/// The line that turns times into scores: the stored one, which is written anew only if there is
/// none or the half-life is another one by now.
base::Result<Scale> settle_scale(database::Database& database, std::chrono::microseconds half_life,
                                 base::Time now) {
    auto read = [](database::ReadTransaction& transaction) -> base::Result<std::optional<Scale>> {
        return GraphStore(transaction).scale();
    };
    auto stored = base::run(database.read<std::optional<Scale>>(base::Deadline(), std::move(read)));
    if (!stored) return stored.error();
    if (*stored && (*stored)->half_life == half_life) return **stored;

    auto scale = *stored ? with_half_life(**stored, half_life, now) : Scale{now, 0, half_life};
    auto write = [scale](database::Transaction& transaction) -> base::Result<Scale> {
        GraphLimits none;
        GraphWriter(transaction, none).put_scale(scale);
        return scale;
    };
    return base::run(database.write<Scale>(base::Deadline(), 0, std::move(write)));
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, const Scale& scale,
                  std::unique_ptr<database::Database> database)
        : tasks_("recommendation", environment),
          users_head_(neighbours.users_feed.head()),
          database_(std::move(database)),
          projector_(graph_limits(config),
                     environment.metrics.counter("portal_recommendation_edges_removed_total",
                                                 "Edges that are gone.", {{"why", "removed"}})),
          users_inbox_(users_subscription, *database_, projector_, environment.clock),
          removals_(neighbours.users_feed, users_inbox_, environment.clock, config.bus,
                    environment.background),
          consumer_(neighbours.visits, *database_, environment.clock, environment.metrics, scale,
                    visit_limits(config), environment.background),
          interests_(*database_, neighbours.users, environment.clock, environment.metrics, scale,
                     service_limits(config)),
          routes_(interests_),
          ranking_(config.ranking) {
        add_gauge(environment.metrics, "portal_recommendation_visits_backlog",
                  "Visits that are published, but not applied yet.",
                  [this] { return static_cast<double>(consumer_.backlog()); });
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
    void add_routes(http::Router& router) override {
        routes_.add_to(router);
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
        return {{"recommendation.removals", &removals_}};
    }
    std::vector<operations::NamedJob> jobs() override { return {replay_job(ranking_)}; }
    base::Task<void> start() override {
        tasks_.spawn("removals", "removals of users are not followed",
                     [this] { return removals_.run(); });
        tasks_.spawn("visits", "visits are not applied", [this] { return consumer_.run(); });
        co_return base::Result<void>();
    }

    base::Task<void> stop(base::Deadline deadline) override {
        removals_.stop();
        consumer_.stop();
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
    Projector projector_;
    bus::StoreInbox users_inbox_;
    bus::Subscription removals_;
    VisitConsumer consumer_;
    InterestService interests_;
    Routes routes_;
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
    auto settled = settle_scale(**database, config.half_life_h, now);
    if (!settled && !database::is_out(settled.error())) return settled.error();
    auto scale = settled ? *settled : Scale{now, 0, config.half_life_h};

    auto module = std::make_unique<RunningModule>(config, environment, neighbours, scale,
                                                  std::move(*database));
    auto loaded = database::unless_out(module->load(environment.accept_older_data));
    if (!loaded) return loaded.error();
    return std::unique_ptr<Module>(std::move(module));
}

}  // namespace recommendation
