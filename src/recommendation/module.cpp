#include "recommendation/module.hpp"

#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "interest_service.hpp"
#include "projector.hpp"
#include "routes.hpp"
#include "visit_consumer.hpp"

namespace recommendation {

namespace {

constexpr const char* subscription_name = "recommendation";

GraphLimits graph_limits(const Config& config) {
    return {config.labels_per_user_max, config.repeat_interval_ms};
}

VisitConsumer::Limits listener_limits(const Config& config) {
    return {graph_limits(config), config.batch_interval_ms,
            static_cast<std::size_t>(config.batch_visits_max),
            static_cast<std::size_t>(config.ring_visits_max)};
}

InterestService::Limits service_limits(const Config& config) {
    return {config.labels_per_user_max, config.answer_entries_max, config.profiles_deadline_ms};
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
        : tasks_("recommendation", environment.background),
          database_(std::move(database)),
          projector_(graph_limits(config),
                     environment.metrics.counter("portal_recommendation_edges_removed_total",
                                                 "Edges that are gone.", {{"why", "removed"}})),
          removals_(subscription_name, neighbours.users_log, *database_, projector_,
                    environment.clock, config.bus, environment.background),
          consumer_(std::make_shared<VisitConsumer>(
              *database_, environment.clock, environment.metrics, scale, listener_limits(config),
              environment.background)),
          interests_(*database_, neighbours.users, environment.clock, environment.metrics, scale,
                     service_limits(config)),
          routes_(interests_) {
        consumer_->subscribe(neighbours.visits);
        add_gauge(environment.metrics, "portal_recommendation_visits_backlog",
                  "Visits that are published, but not applied yet.",
                  [this] { return static_cast<double>(consumer_->backlog()); });
        add_gauge(environment.metrics, "portal_recommendation_users_backlog_events",
                  "Events of the users log that the graph has not heard yet.",
                  [this] { return static_cast<double>(removals_.backlog()); });
        add_gauge(environment.metrics, "portal_recommendation_parked_streams",
                  "Users whose removal the graph could not take.",
                  [this] { return static_cast<double>(removals_.parked()); });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    base::Result<void> load() { return base::run(removals_.load()); }

    void add_routes(http::Router& router) override { routes_.add_to(router); }

    std::string name() const override { return "recommendation"; }
    std::vector<operations::Check> checks() override {
        return {host::store_check("recommendation", *database_)};
    }

    base::Task<void> start() override {
        tasks_.spawn("removals of users are not followed any more", removals_.run());
        tasks_.spawn("visits are not applied any more", consumer_->run());
        co_return base::Result<void>();
    }

    base::Task<void> stop(base::Deadline deadline) override {
        removals_.stop();
        consumer_->stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    void add_gauge(telemetry::Metrics& metrics, const char* name, const char* help,
                   std::function<double()> read) {
        gauges_.push_back(metrics.gauge(name, help, {}, std::move(read)));
    }

    host::TaskGroup tasks_;
    std::unique_ptr<database::Database> database_;
    Projector projector_;
    bus::Subscription removals_;
    std::shared_ptr<VisitConsumer> consumer_;
    InterestService interests_;
    Routes routes_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours) {
    database::Options options;
    options.name = "recommendation";
    options.file = environment.folder / "recommendation.db";
    options.migrations = graph_schema();
    options.limits = config.database;
    options.metrics = &environment.metrics;
    options.on_fatal = environment.on_fatal;
    auto database = database::Database::open(std::move(options));
    if (!database) return database.error();
    auto scale = settle_scale(**database, config.half_life_h, environment.clock.now());
    if (!scale) return scale.error();

    auto module = std::make_unique<RunningModule>(config, environment, neighbours, *scale,
                                                  std::move(*database));
    auto loaded = module->load();
    if (!loaded) return loaded.error();
    return std::unique_ptr<Module>(std::move(module));
}

}  // namespace recommendation
