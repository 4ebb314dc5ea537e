#include "gateway/module.hpp"

#include "bus/log.hpp"
#include "chooser_service.hpp"
#include "client_routes.hpp"
#include "client_service.hpp"
#include "cors_service.hpp"
#include "firewall_list_service.hpp"
#include "host/call_sweep.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "jobs.hpp"
#include "migration_routes.hpp"
#include "migration_service.hpp"
#include "mode_store.hpp"
#include "sign_service.hpp"
#include "telemetry/log.hpp"
#include "throttle_service.hpp"

namespace gateway {

http::Interceptors pipeline(const Config& config, telemetry::Metrics& metrics,
                            std::shared_ptr<const http::Interceptor> signs) {
    return {
        std::make_shared<ClientService>(config.trusted_proxies),
        std::make_shared<CorsService>(config),
        std::move(signs),
        std::make_shared<ThrottleService>(config, metrics),
    };
}

namespace {

std::vector<FirstMode> first_modes(const Config& config) {
    std::vector<FirstMode> first;
    for (const auto& route : config.routes) {
        auto mode = parse_mode(route.mode).value_or(Mode::proxied);
        first.push_back({route.name, {mode, route.percent, route.compare_percent}});
    }
    return first;
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, std::unique_ptr<database::Database> database)
        : clock_(environment.clock),
          signs_(std::make_shared<SignService>(config, environment)),
          interceptors_(pipeline(environment.open_mode ? for_open_mode(config) : config,
                                 environment.metrics, signs_)),
          firewall_list_(config.signs, signs_, environment),
          tasks_("gateway", environment),
          call_sweep_("gateway", environment),
          first_(first_modes(config)),
          database_(std::move(database)),
          log_(*database_, environment.clock, "gateway"),
          store_(*database_, log_, environment.clock, first_),
          chooser_(chooser_of(config, environment, neighbours)),
          proxy_(neighbours.proxy),
          migration_(config, store_, environment.clock, chooser_.get(), neighbours),
          routes_(migration_),
          client_routes_(*signs_) {}

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    base::Result<void> load() {
        auto differ = base::run(store_.load());
        if (!differ) return differ.error();
        auto table = store_.table().get();
        for (auto route : *differ) {
            telemetry::log(telemetry::Level::warning, "gateway",
                           "the configuration has another mode for a route than it was set to; "
                           "what it was set to holds",
                           {{"route", first_[route].route},
                            {"configured", to_text(first_[route].state)},
                            {"set", to_text(table->modes[route].state)}});
        }
        if (table->finished_at && proxy_) {
            proxy_->retire();
            if (proxy_->configured()) {
                telemetry::log(telemetry::Level::warning, "gateway",
                               "the migration is finished, so legacy.upstream is asked nothing; "
                               "take it out of the configuration",
                               {{"finished_at", base::to_rfc3339(*table->finished_at)}});
            }
        }
        return {};
    }

    const http::Interceptors& interceptors() const override { return interceptors_; }
    std::shared_ptr<const http::RequestObserver> observer() override { return signs_; }
    void add_operator_routes(http::Router& router) override {
        client_routes_.add_operator_to(router);
    }
    std::shared_ptr<http::RouteChooser> chooser() override { return chooser_; }
    Migration& migration() override { return migration_; }
    const bus::Feed& feed() const override { return log_; }

    std::string name() const override { return "gateway"; }
    void add_routes(http::Router& router) override {
        routes_.add_to(router);
        client_routes_.add_to(router);
        if (chooser_) chooser_->add_fallback(router);
    }
    std::vector<operations::Check> checks() override {
        return {host::store_check("gateway", *database_, &log_)};
    }
    std::vector<operations::NamedJob> jobs() override { return migration_jobs(migration_, clock_); }

    std::vector<const bus::Trail*> trails() const override { return {&log_}; }

    base::Task<void> start() override {
        call_sweep_.begin(tasks_, *database_);
        firewall_list_.begin(tasks_);
        if (migration_.is_finished()) {
            tasks_.spawn("logins", "logins of the monolith are not forgotten",
                         [this] { return forget_logins(); });
        }
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        call_sweep_.stop();
        firewall_list_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    /// What a stop in the middle of finishing has left.
    base::Task<void> forget_logins() {
        base::Context none;
        auto forgotten = co_await migration_.forget_logins(std::move(none));
        if (!forgotten) co_return forgotten.error();
        co_return base::Result<void>();
    }

    std::shared_ptr<ChooserService> chooser_of(const Config& config,
                                               const host::Environment& environment,
                                               const Neighbours& neighbours) {
        const auto* proxy = neighbours.proxy;
        if (!proxy || (!proxy->configured() && !proxy->has_folders())) return nullptr;
        return std::make_shared<ChooserService>(
            config,
            ChooserService::Parts{*neighbours.proxy, neighbours.comparer, neighbours.forwarded,
                                  *neighbours.authenticator, store_.table(), clock_,
                                  environment.metrics, environment.io_threads});
    }

    const base::Clock& clock_;
    const std::shared_ptr<SignService> signs_;
    const http::Interceptors interceptors_;
    FirewallListService firewall_list_;
    host::TaskGroup tasks_;
    host::CallSweep call_sweep_;
    const std::vector<FirstMode> first_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    ModeStore store_;
    const std::shared_ptr<ChooserService> chooser_;
    legacy::Proxy* const proxy_;
    MigrationService migration_;
    MigrationRoutes routes_;
    ClientRoutes client_routes_;
};

/// The first route whose upstream the proxy does not have.
base::Result<void> check_upstreams(const Config& config, const Neighbours& neighbours) {
    if (!neighbours.proxy || !neighbours.proxy->configured()) return {};
    for (const auto& route : config.routes) {
        if (route.upstream.empty() || neighbours.proxy->has_upstream(route.upstream)) continue;
        return base::Error{base::Reason::invalid, "unknown_upstream",
                           "gateway.routes: the route " + route.name + " names the upstream " +
                               route.upstream + ", and legacy.upstreams has none of that name."};
    }
    return {};
}

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{"gateway", folder / "gateway.db", database::StoreKind::log}};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   Neighbours neighbours) {
    auto known = check_upstreams(config, neighbours);
    if (!known) return known.error();
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto module =
        std::make_unique<RunningModule>(config, environment, neighbours, std::move(*database));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace gateway
