#include "editing/module.hpp"

#include <atomic>

#include "base/timer.hpp"
#include "bus/call_store.hpp"
#include "desk_service.hpp"
#include "heard_store.hpp"
#include "host/call_sweep.hpp"
#include "host/hearing.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "items_routes.hpp"
#include "routes.hpp"

namespace migrations {
database::MigrationSet editing();
}

namespace editing {

namespace {

constexpr const char* store_name = "editing";
/// How late it is told that somebody has gone who has not said so.
constexpr std::chrono::seconds presence_interval{1};

std::vector<database::MigrationSet> schema() {
    return {bus::calls_schema(), bus::subscriber_schema(), migrations::editing()};
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, std::unique_ptr<database::Database> database)
        : tasks_(store_name, environment),
          call_sweep_(store_name, environment),
          database_(std::move(database)),
          types_(neighbours.types),
          working_copies_(*database_, config.working_copies_per_user_max),
          notes_(*database_, environment.clock, config.notes_per_article_max),
          previews_(*database_, environment.clock, config.preview_max_h),
          presence_(config.presence_ms, static_cast<std::size_t>(config.presence_articles_max),
                    [this](const PresenceChanged& changed) { presence_changes_.publish(changed); }),
          presence_timer_(environment.clock, environment.background),
          clock_(environment.clock),
          desk_({working_copies_, notes_, previews_}, presence_, types_, environment.clock,
                {config.working_copy_bytes_max, config.preview_h, config.preview_max_h}),
          routes_(desk_, {config.presence_ms, config.working_copy_bytes_max}),
          items_(types_, neighbours.search),
          items_routes_(items_),
          hearing_(store_name, *database_, environment, config.bus) {
        for (const auto& [type, feed] : neighbours.news) {
            saved_.push_back(std::make_unique<SavedArticles>(type, config.preview_max_h));
            hearing_.add("news-" + type, *feed, *saved_.back(),
                         "saved articles keep their working copies");
        }
        hearing_.add("users", neighbours.users, removed_users_,
                     "working copies and notes of removed users stay");
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override { database_.reset(); }

    base::Result<void> load() { return hearing_.load(); }

    Desk& desk() override { return desk_; }
    bus::Topic<PresenceChanged>& presence_changes() override { return presence_changes_; }
    void add_routes(http::Router& router) override {
        routes_.add_to(router);
        items_routes_.add_to(router);
    }
    std::string name() const override { return store_name; }
    std::vector<operations::Check> checks() override {
        return {host::store_check(store_name, *database_)};
    }
    std::vector<host::NamedSubscription> subscriptions() override {
        return hearing_.subscriptions();
    }

    base::Task<void> start() override {
        call_sweep_.begin(tasks_, *database_);
        hearing_.start(tasks_);
        auto watch = [this] { return watch_presence(); };
        if (presence_changes_.heard()) {
            tasks_.spawn("presence",
                         "who has closed an article without a word seems to have it "
                         "open",
                         std::move(watch));
        }
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        stopping_.store(true);
        presence_timer_.cancel();
        call_sweep_.stop();
        hearing_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    base::Task<void> watch_presence() {
        while (!stopping_.load()) {
            presence_.forget_gone(clock_.now());
            co_await presence_timer_.pause(presence_interval);
        }
        co_return base::Result<void>();
    }

    host::TaskGroup tasks_;
    host::CallSweep call_sweep_;
    std::unique_ptr<database::Database> database_;
    const news::Types types_;
    WorkingCopyStore working_copies_;
    NoteStore notes_;
    PreviewStore previews_;
    bus::Topic<PresenceChanged> presence_changes_;
    Presence presence_;
    base::Timer presence_timer_;
    const base::Clock& clock_;
    std::atomic<bool> stopping_{false};
    DeskService desk_;
    Routes routes_;
    const ItemsService items_;
    ItemsRoutes items_routes_;
    std::vector<std::unique_ptr<SavedArticles>> saved_;
    RemovedUsers removed_users_;
    host::Hearing hearing_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{store_name, folder / "editing.db"}};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours) {
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto module =
        std::make_unique<RunningModule>(config, environment, neighbours, std::move(*database));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace editing
