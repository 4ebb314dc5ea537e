#include "recommendation/module.hpp"

#include "interest_service.hpp"
#include "projector.hpp"
#include "routes.hpp"
#include "telemetry/log.hpp"
#include "visit_consumer.hpp"

namespace recommendation {

namespace {

constexpr const char* subscription_name = "recommendation";

/// For co_spawn: whatever ends a background task early is said.
auto report_end(std::string what) {
    return [what = std::move(what)](std::exception_ptr thrown, const base::Result<void>& result) {
        std::string error;
        try {
            if (thrown) std::rethrow_exception(thrown);
            if (!result) error = result.error().message;
        } catch (const std::exception& failure) {
            error = failure.what();
        }
        if (error.empty()) return;
        telemetry::log(telemetry::Level::critical, "recommendation", what, {{"error", error}});
    };
}

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
    RunningModule(const Config& config, Dependencies dependencies, const Scale& scale,
                  std::unique_ptr<database::Database> database)
        : executor_(dependencies.background),
          database_(std::move(database)),
          projector_(graph_limits(config),
                     dependencies.metrics.counter("portal_recommendation_edges_removed_total",
                                                  "Edges that are gone.", {{"why", "removed"}})),
          removals_(subscription_name, dependencies.users_log, *database_, projector_,
                    dependencies.clock, config.bus, executor_),
          consumer_(std::make_shared<VisitConsumer>(*database_, dependencies.clock,
                                                    dependencies.metrics, scale,
                                                    listener_limits(config), executor_)),
          interests_(*database_, dependencies.users, dependencies.clock, dependencies.metrics,
                     scale, service_limits(config)),
          routes_(interests_) {
        consumer_->subscribe(dependencies.visits);
        add_gauge(dependencies.metrics, "portal_recommendation_visits_backlog",
                  "Visits that are published, but not applied yet.",
                  [this] { return static_cast<double>(consumer_->backlog()); });
        add_gauge(dependencies.metrics, "portal_recommendation_users_backlog_events",
                  "Events of the users log that the graph has not heard yet.",
                  [this] { return static_cast<double>(removals_.backlog()); });
        add_gauge(dependencies.metrics, "portal_recommendation_parked_streams",
                  "Users whose removal the graph could not take.",
                  [this] { return static_cast<double>(removals_.parked()); });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    base::Result<void> load() { return base::run(removals_.load()); }

    const Recommendations& recommendations() const override { return interests_; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }

    void start() override {
        boost::asio::co_spawn(executor_, removals_.run(),
                              report_end("removals of users are not followed any more"));
        boost::asio::co_spawn(executor_, consumer_->run(),
                              report_end("visits are not applied any more"));
    }

    void stop() override {
        removals_.stop();
        consumer_->stop();
    }

    bool writable() const override { return database_->writable(); }

private:
    void add_gauge(telemetry::Metrics& metrics, const char* name, const char* help,
                   std::function<double()> read) {
        gauges_.push_back(metrics.gauge(name, help, {}, std::move(read)));
    }

    base::Executor executor_;
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
                                                   Dependencies dependencies) {
    database::Options options;
    options.name = "recommendation";
    options.file = dependencies.folder / "recommendation.db";
    options.migrations = graph_schema();
    options.limits = config.database;
    options.metrics = &dependencies.metrics;
    options.on_fatal = dependencies.on_fatal;
    auto database = database::Database::open(std::move(options));
    if (!database) return database.error();
    auto scale = settle_scale(**database, config.half_life_h, dependencies.clock.now());
    if (!scale) return scale.error();

    auto module = std::make_unique<RunningModule>(config, std::move(dependencies), *scale,
                                                  std::move(*database));
    auto loaded = module->load();
    if (!loaded) return loaded.error();
    return std::unique_ptr<Module>(std::move(module));
}

}  // namespace recommendation
