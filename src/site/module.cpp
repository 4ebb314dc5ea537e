#include "site/module.hpp"

#include "bus/log.hpp"
#include "count_service.hpp"
#include "host/call_sweep.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "list_service.hpp"
#include "redirect_service.hpp"
#include "routes.hpp"
#include "site/verify.hpp"

namespace site {

namespace {

NewsTypes names_of(const news::Types& types) {
    NewsTypes names;
    for (const auto& [name, type] : types) names.insert(name);
    return names;
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const news::Types& types, std::unique_ptr<database::Database> database)
        : tasks_("site", environment),
          call_sweep_("site", environment),
          database_(std::move(database)),
          log_(*database_, environment.clock, "site"),
          redirect_store_(*database_, log_, environment.clock, config.redirects_max),
          redirects_(redirect_store_, config.redirect_hops_max, types),
          list_store_(*database_, log_, environment.clock, config.lists_max),
          lists_(list_store_, names_of(types)),
          counters_(types),
          routes_(redirects_, lists_, counters_, robots_of(config.pages, config.robots)) {
        redirects_gauge_ = environment.metrics.gauge(
            "portal_site_redirects", "Redirects of old addresses.", {},
            [this] { return static_cast<double>(redirect_store_.total()); });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override {
        redirects_gauge_ = {};
        database_.reset();
    }

    base::Result<void> load() { return base::run(redirect_store_.load()); }

    Redirects& redirects() override { return redirects_; }
    Lists& lists() override { return lists_; }
    const Counters& counters() const override { return counters_; }
    const bus::Feed& feed() const override { return log_; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }

    std::string name() const override { return "site"; }
    std::vector<operations::Check> checks() override {
        return {host::store_check("site", *database_, &log_)};
    }
    std::vector<const bus::Trail*> trails() const override { return {&log_}; }

    base::Task<void> start() override {
        call_sweep_.begin(tasks_, *database_);
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        call_sweep_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    host::TaskGroup tasks_;
    host::CallSweep call_sweep_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    RedirectStore redirect_store_;
    RedirectService redirects_;
    ListStore list_store_;
    ListService lists_;
    CountService counters_;
    Routes routes_;
    telemetry::Metrics::Registration redirects_gauge_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{"site", folder / "site.db", database::StoreKind::log}};
}

std::vector<host::Finding> Module::verify(const Config& config, const std::filesystem::path& folder,
                                          const host::VerifyProgress&) {
    auto found = host::verify_stores(stores(config, folder));
    if (!std::filesystem::exists(stores(config, folder).front().path)) return found;
    auto& problems = found.front().problems;
    try {
        auto more = site::verify(folder);
        problems.insert(problems.end(), more.begin(), more.end());
    } catch (const database::Failure& failure) {
        // A file that cannot be read at all was said already.
        if (problems.empty()) problems.emplace_back(failure.what());
    }
    return found;
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const news::Types& types) {
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto module = std::make_unique<RunningModule>(config, environment, types, std::move(*database));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace site
