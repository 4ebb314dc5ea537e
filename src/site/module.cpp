#include "site/module.hpp"

#include <algorithm>

#include "base/timer.hpp"
#include "bus/call_store.hpp"
#include "bus/log.hpp"
#include "count_inbox.hpp"
#include "count_service.hpp"
#include "count_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "list_service.hpp"
#include "projector.hpp"
#include "redirect_service.hpp"
#include "routes.hpp"
#include "site/verify.hpp"
#include "telemetry/log.hpp"

namespace site {

namespace {

constexpr std::chrono::minutes forget_interval{10};

std::vector<std::string> names_of(const NewsFeeds& feeds) {
    std::vector<std::string> names;
    for (const auto& [type, feed] : feeds) names.push_back(type);
    return names;
}

/// How the articles of one type are counted.
struct Hearing {
    Hearing(const std::string& news_type, const bus::Feed& heard, database::Database& database,
            const base::Clock& clock, const bus::Config& config, base::Executor executor)
        : feed(heard),
          projector(news_type),
          inbox(news_type, database, projector, clock),
          subscription(heard, inbox, clock, config, executor) {}

    const bus::Feed& feed;
    Projector projector;
    CountInbox inbox;
    bus::Subscription subscription;
};

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const NewsFeeds& news_feeds, std::unique_ptr<database::Database> database)
        : clock_(environment.clock),
          tasks_("site", environment.background),
          forget_timer_(environment.clock, environment.background),
          database_(std::move(database)),
          log_(*database_, environment.clock, "site"),
          redirect_store_(*database_, log_, environment.clock, config.redirects_max),
          redirects_(redirect_store_, config.redirect_hops_max),
          list_store_(*database_, log_, environment.clock, config.lists_max),
          lists_(list_store_, types_of(news_feeds)),
          counters_(*database_, names_of(news_feeds), [this] { return behind(); }),
          routes_(redirects_, lists_, counters_) {
        for (const auto& [type, feed] : news_feeds) {
            hearings_.push_back(std::make_unique<Hearing>(
                type, *feed, *database_, environment.clock, config.bus, environment.background));
        }
        add_gauge(environment.metrics, "portal_site_redirects", "Redirects of old addresses.",
                  [this] { return static_cast<double>(redirect_store_.total()); });
        add_gauge(environment.metrics, "portal_site_counts_backlog_events",
                  "Events of the news logs that are not counted yet.",
                  [this] { return static_cast<double>(behind()); });
        add_gauge(environment.metrics, "portal_site_counts_parked_streams",
                  "Articles that could not be counted.", [this] {
                      std::size_t parked = 0;
                      for (const auto& one : hearings_) parked += one->subscription.parked();
                      return static_cast<double>(parked);
                  });
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override {
        gauges_.clear();
        database_.reset();
    }

    base::Result<void> load(bool accept_older_data) {
        auto counted = base::run(redirect_store_.load());
        if (!counted) return counted;
        for (auto& hearing : hearings_) {
            auto loaded = base::run(hearing->subscription.load());
            if (!loaded) return loaded;
            auto head = hearing->feed.head().value();
            auto heard = hearing->subscription.loaded().position;
            bool is_older = !hearing->subscription.fits() && heard > head;
            if (!is_older || accept_older_data) continue;
            const auto& source = hearing->feed.source();
            return base::Error{base::Reason::conflict, "older_data",
                               "The log of " + source +
                                   " is older than what site.db has seen: it "
                                   "ends at event " +
                                   std::to_string(head) + ", site is at " + std::to_string(heard) +
                                   ". Put the newer file back, or start with --accept-older-data "
                                   "to go on with this one."};
        }
        return {};
    }

    Redirects& redirects() override { return redirects_; }
    Lists& lists() override { return lists_; }
    const Counters& counters() const override { return counters_; }
    const bus::Feed& feed() const override { return log_; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }

    std::string name() const override { return "site"; }
    std::vector<operations::Check> checks() override {
        auto check = host::store_check("site", *database_, &log_);
        check.ask = [this, ask = std::move(check.ask)]() -> std::string {
            auto problem = ask();
            if (!problem.empty()) return problem;
            for (const auto& hearing : hearings_) {
                if (hearing->subscription.fits()) continue;
                return "the log of " + hearing->feed.source() +
                       " is not the one it has heard; it counts anew";
            }
            return "";
        };
        return {std::move(check)};
    }

    base::Task<void> start() override {
        for (auto& hearing : hearings_) {
            tasks_.spawn("articles are not counted any more", hearing->subscription.run());
        }
        tasks_.spawn("answered calls are not forgotten any more", forget_calls());
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        for (auto& hearing : hearings_) hearing->subscription.stop();
        stopping_.store(true);
        forget_timer_.cancel();
        co_return co_await tasks_.ended(deadline);
    }

private:
    static NewsTypes types_of(const NewsFeeds& feeds) {
        NewsTypes types;
        for (const auto& [type, feed] : feeds) types.insert(type);
        return types;
    }

    void add_gauge(telemetry::Metrics& metrics, const char* name, const char* help,
                   std::function<double()> read) {
        gauges_.push_back(metrics.gauge(name, help, {}, std::move(read)));
    }

    std::int64_t behind() const {
        std::int64_t events = 0;
        for (const auto& hearing : hearings_) events += hearing->subscription.backlog();
        return events;
    }

    /// Calls that nobody repeats are kept for 24 hours and no longer, also while nobody writes.
    base::Task<void> forget_calls() {
        while (!stopping_.load()) {
            auto forgotten = co_await bus::forget_old_calls(*database_, clock_);
            if (!forgotten) {
                telemetry::log(telemetry::Level::warning, "site",
                               "answered calls cannot be forgotten yet",
                               {{"error", forgotten.error().code}});
            }
            if (!stopping_.load()) co_await forget_timer_.pause(forget_interval);
        }
        co_return base::Result<void>();
    }

    const base::Clock& clock_;
    host::TaskGroup tasks_;
    base::Timer forget_timer_;
    std::atomic<bool> stopping_{false};
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    RedirectStore redirect_store_;
    RedirectService redirects_;
    ListStore list_store_;
    ListService lists_;
    std::vector<std::unique_ptr<Hearing>> hearings_;
    CountService counters_;
    Routes routes_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{"site", folder / "site.db", database::StoreKind::log}};
}

std::vector<host::Finding> Module::verify(const Config& config, const std::filesystem::path& folder,
                                          const host::VerifyProgress&) {
    auto found = host::verify_stores(stores(config, folder));
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
                                                   const NewsFeeds& news_feeds) {
    database::Options options;
    auto store = stores(config, environment.folder).front();
    options.name = store.name;
    options.file = store.path;
    options.migrations = schema();
    options.limits = config.database;
    options.metrics = &environment.metrics;
    options.on_fatal = environment.on_fatal;
    auto database = database::Database::open(std::move(options));
    if (!database) return database.error();
    auto module =
        std::make_unique<RunningModule>(config, environment, news_feeds, std::move(*database));
    auto loaded = module->load(environment.accept_older_data);
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace site
