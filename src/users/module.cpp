#include "users/module.hpp"

#include "bus/subscription.hpp"
#include "host/call_sweep.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "import_service.hpp"
#include "jobs.hpp"
#include "queue_feed.hpp"
#include "queue_inbox.hpp"
#include "routes.hpp"
#include "telemetry/log.hpp"
#include "user_service.hpp"

namespace users {

namespace {

/// The longest wait between two attempts; longer only if a single one is configured so.
constexpr std::chrono::milliseconds retry_delay_most{30000};

bus::Config worker_config(const Config& config) {
    bus::Config worker;
    worker.batch_events_max = config.batch_rows_max;
    worker.attempts_max = config.attempts_max;
    worker.retry_wait_ms = config.retry_delay_ms;
    worker.retry_wait_max = retry_delay_most;
    worker.poll_interval_ms = config.idle_interval_ms;
    return worker;
}

/// One worker: its share of the queue, and how that comes to the table.
struct Worker {
    Worker(UserStore& store, identity::Accounts& accounts, const base::Clock& clock,
           const Config& config, std::int64_t number, telemetry::Counter& retries,
           base::Executor executor)
        : feed(store, number, config.workers),
          inbox(store, accounts, config.attempts_max, retries),
          subscription(feed, inbox, clock, worker_config(config), executor) {}

    QueueFeed feed;
    QueueInbox inbox;
    bus::Subscription subscription;
};

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  identity::Accounts& accounts, identity::Imports& imports,
                  std::unique_ptr<database::Database> database)
        : config_(config),
          clock_(environment.clock),
          tasks_("users", environment),
          call_sweep_("users", environment),
          database_(std::move(database)),
          log_(*database_, environment.clock, "users"),
          store_(*database_, log_, environment.clock,
                 static_cast<std::size_t>(config.cache_entries), config.queue_rows_max),
          service_(
              store_, accounts, environment.clock,
              environment.open_mode ? identity::PasswordRules::any : identity::PasswordRules::full),
          imports_(store_, imports) {
        auto& metrics = environment.metrics;
        auto& retries = metrics.counter("portal_users_queue_retries_total",
                                        "Attempts to store a change of a user that failed.");
        for (std::int64_t i = 0; i < config_.workers; ++i) {
            workers_.push_back(std::make_unique<Worker>(store_, accounts, clock_, config_, i,
                                                        retries, environment.background));
        }
        store_.on_queued([this](UserId id, std::int64_t sequence) {
            workers_[static_cast<std::size_t>(id % config_.workers)]->feed.queued(sequence);
        });
        gauges_.push_back(metrics.gauge(
            "portal_users_queue_rows", "Acknowledged changes of users that wait for the table.", {},
            [this] { return static_cast<double>(store_.queued()); }));
        gauges_.push_back(metrics.gauge("portal_users_queue_parked_rows",
                                        "Changes of users that failed too often.", {},
                                        [this] { return static_cast<double>(store_.parked()); }));
        gauges_.push_back(metrics.gauge("portal_users_queue_oldest_age_seconds",
                                        "How long the oldest queued change of a user waits.", {},
                                        [this] { return oldest_age(); }));
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override {
        gauges_.clear();
        database_.reset();
    }

    base::Result<void> load() {
        auto warmed = base::run(store_.warm());
        if (!warmed) return warmed;
        auto settled = base::run(service_.settle());
        if (!settled && database::is_out(settled.error())) {
            telemetry::log(telemetry::Level::warning, "users",
                           "what was interrupted is settled at the next start",
                           {{"error", settled.error().code}, {"why", settled.error().message}});
            return {};
        }
        return settled;
    }

    Users& users() override { return service_; }
    Imports& imports() override { return imports_; }
    const bus::Feed& feed() const override { return log_; }
    void add_routes(http::Router& router) override { users::add_routes(router, service_); }

    std::string name() const override { return "users"; }
    std::vector<operations::Check> checks() override {
        return {host::store_check("users", *database_, &log_)};
    }
    std::vector<operations::NamedJob> jobs() override {
        return {user_create_job(service_, clock_)};
    }
    std::vector<const bus::Trail*> trails() const override { return {&log_}; }

    std::vector<host::NamedSubscription> subscriptions() override {
        std::vector<host::NamedSubscription> all;
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            all.push_back({"users.worker-" + std::to_string(i), &workers_[i]->subscription});
        }
        return all;
    }
    base::Task<void> start() override {
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            tasks_.spawn("worker-" + std::to_string(i), "changes of users wait for the table",
                         [worker = workers_[i].get()] { return worker->subscription.run(); });
        }
        call_sweep_.begin(tasks_, *database_);
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        for (auto& worker : workers_) worker->subscription.stop();
        call_sweep_.stop();
        co_return co_await tasks_.ended(deadline);
    }

    std::int64_t backlog() const override { return store_.queued(); }

private:
    double oldest_age() const {
        auto oldest = store_.oldest();
        if (!oldest) return 0;
        return std::chrono::duration<double>(clock_.now() - *oldest).count();
    }

    Config config_;
    const base::Clock& clock_;
    host::TaskGroup tasks_;
    host::CallSweep call_sweep_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    UserStore store_;
    UserService service_;
    ImportService imports_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{"users", folder / "users.db", database::StoreKind::log, "people"}};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   identity::Accounts& accounts,
                                                   identity::Imports& imports) {
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto module = std::make_unique<RunningModule>(config, environment, accounts, imports,
                                                  std::move(*database));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace users
