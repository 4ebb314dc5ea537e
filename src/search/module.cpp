#include "search/module.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <tuple>

#include "document_store.hpp"
#include "host/hearing.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "index_inbox.hpp"
#include "purge_service.hpp"
#include "query_service.hpp"
#include "routes.hpp"
#include "telemetry/log.hpp"

namespace search {

namespace {

constexpr const char* store_name = "search";

/// How one news type is heard.
struct Heard {
    std::string news_type;
    const base::Watermark& head;
    std::unique_ptr<Projector> projector;
    IndexInbox& inbox;
    bus::Subscription& subscription;
};

QueryOptions options_of(const Config& config) {
    return {config.language, config.candidates_max, config.query_time_max_ms,
            std::chrono::hours(24 * config.freshness_half_life_days)};
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, std::unique_ptr<database::Database> database)
        : config_(config),
          tasks_("search", environment),
          database_(std::move(database)),
          file_(*database_, environment.clock),
          queries_(*database_, options_of(config), environment.clock, [this] { return missing(); }),
          routes_(queries_, neighbours.types,
                  environment.metrics.counter("portal_search_questions_total",
                                              "Searches that were asked for.")),
          purge_(*database_,
                 environment.metrics.counter("portal_search_purge_steps_total",
                                             "Steps of taking removed words out of the file."),
                 environment.clock, environment.background),
          hearing_(store_name, *database_, environment, config.bus, host::OlderLog::heard_anew) {
        for (const auto& [type, feed] : neighbours.feeds) {
            auto projector = std::make_unique<Projector>(type, config.language);
            auto inbox = std::make_unique<IndexInbox>(type, config.language, *database_, file_,
                                                      *projector, environment.clock);
            auto& its_inbox = *inbox;
            auto& subscription =
                hearing_.add(*feed, std::move(inbox), "what is published is not found");
            heard_.push_back({type, feed->head(), std::move(projector), its_inbox, subscription});
        }
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    base::Result<void> load() {
        for (auto& one : heard_) one.inbox.fill_up_to(one.head.value());
        return hearing_.load();
    }

    const Queries& queries() const override { return queries_; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }

    std::string name() const override { return "search"; }
    std::vector<operations::Check> checks() override {
        operations::Check backlog{"search-index", [] { return std::string(); },
                                  [this] { return behind(); }};
        return {host::store_check(store_name, *database_), std::move(backlog)};
    }
    std::vector<host::NamedSubscription> subscriptions() override {
        return hearing_.subscriptions();
    }

    base::Task<void> start() override {
        hearing_.start(tasks_);
        auto purge = [this] { return purge_.run(); };
        auto tidy = [this] { return tidy_up(); };
        tasks_.spawn("tidy", "types that there are no more are counted in facets", std::move(tidy));
        tasks_.spawn("purge", "words of removed articles stay in the file", std::move(purge));
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        stopping_.store(true);
        purge_.stop();
        hearing_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    std::vector<std::string> missing() const {
        std::vector<std::string> types;
        for (const auto& one : heard_) {
            if (!one.inbox.is_whole() || !one.subscription.fits()) types.push_back(one.news_type);
        }
        return types;
    }

    /// What cannot be done now is done at the next start.
    base::Task<void> tidy_up() {
        auto forgotten = co_await forget_others();
        if (!forgotten) {
            telemetry::log(telemetry::Level::warning, "search",
                           "types that there are no more are still in the index",
                           {{"error", forgotten.error().message}});
        }
        co_return base::Result<void>();
    }
    /// Types that the configuration has no more.
    base::Task<void> forget_others() {
        using Types = std::vector<std::string>;
        auto work = [](database::ReadTransaction& transaction) -> base::Result<Types> {
            return news_types(transaction);
        };
        auto types = co_await database_->read<Types>(base::Deadline(), std::move(work));
        if (!types) co_return types.error();
        for (const auto& type : *types) {
            auto forgotten = co_await forget_other(type);
            if (!forgotten) co_return forgotten.error();
        }
        co_return base::Result<void>();
    }
    base::Task<void> forget_other(std::string type) {
        bool is_heard = std::any_of(heard_.begin(), heard_.end(),
                                    [&](const Heard& one) { return one.news_type == type; });
        if (is_heard) co_return base::Result<void>();
        auto begun = co_await forget_heard(*database_, type);
        if (!begun) co_return begun.error();
        bool more = true;
        while (more && !stopping_.load()) {
            auto forgotten = co_await forget_some(*database_, type, config_.language);
            if (!forgotten) co_return forgotten.error();
            more = *forgotten;
        }
        co_return base::Result<void>();
    }

    std::string behind() const {
        std::int64_t most = 0;
        for (const auto& one : heard_) most = std::max(most, one.subscription.backlog());
        if (most <= config_.backlog_events_max) return "";
        return "the index is " + std::to_string(most) + " events behind: what is new is not found";
    }

    const Config config_;
    host::TaskGroup tasks_;
    std::unique_ptr<database::Database> database_;
    IndexFile file_;
    QueryService queries_;
    Routes routes_;
    PurgeService purge_;
    host::Hearing hearing_;
    std::vector<Heard> heard_;
    std::atomic<bool> stopping_{false};
};

/// An empty one where the words of the one that is there were made in another way: of those nothing
/// can be found or taken out. If there is no room for it on the disk it is out until there is, and
/// the rest is served.
base::Result<std::unique_ptr<database::Database>> open_index(const Config& config,
                                                             const host::Environment& environment) {
    auto store = Module::stores(config, environment.folder).front();
    auto database = host::open_store(store, schema(), config.database, environment);
    if (!database) return database;
    auto look = [&](database::ReadTransaction& transaction) -> base::Result<bool> {
        return is_of_other_words(transaction, config.language);
    };
    auto other = base::run((*database)->read<bool>(base::Deadline(), std::move(look)));
    // One that cannot be asked is out, and made anew while the rest is served.
    if (!other || !*other) return database;
    telemetry::log(telemetry::Level::warning, "search",
                   "the words of the index were made in another way: it is made anew");
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code failed;
        std::filesystem::remove(store.path.string() + suffix, failed);
    }
    std::ignore = base::run((*database)->renew());
    return database;
}

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{store_name, folder / "search.db", database::StoreKind::view}};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours) {
    auto database = open_index(config, environment);
    if (!database) return database.error();
    auto module =
        std::make_unique<RunningModule>(config, environment, neighbours, std::move(*database));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace search
