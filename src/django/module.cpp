#include "django/module.hpp"

#include "bus/subscription.hpp"
#include "change_service.hpp"
#include "feed_service.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "jobs.hpp"
#include "mapping_file_json.hpp"
#include "push_store.hpp"
#include "routes.hpp"

namespace migrations {
database::MigrationSet django();
}

namespace django {

namespace {

/// Follows the log of one news type for the feed.
class Follower {
public:
    Follower(const news::Instance& instance, database::Database& database, const base::Clock& clock,
             const base::Executor& executor)
        : recorder_(instance.type()),
          inbox_("feed-" + instance.type(), database, recorder_, clock),
          subscription_(instance.feed(), inbox_, clock, bus::Config(), executor) {}
    const std::string& name() const { return inbox_.name(); }
    bus::Subscription& subscription() { return subscription_; }

private:
    FeedRecorder recorder_;
    bus::StoreInbox inbox_;
    bus::Subscription subscription_;
};

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, const Exported& exported,
                  std::unique_ptr<database::Database> database,
                  const std::shared_ptr<const Mapping>& mapping,
                  const std::shared_ptr<const base::TimeZone>& zone)
        : config_(config),
          clock_(environment.clock),
          neighbours_(neighbours),
          exported_(exported),
          is_scheduled_(environment.scheduled),
          tasks_("django", environment),
          database_(std::move(database)),
          pushes_(database_ ? std::make_unique<PushStore>(*database_, environment.clock) : nullptr),
          owner_store_(database_ ? std::make_unique<OwnerStore>(*database_, environment.clock)
                                 : nullptr),
          owners_(mapping, owner_store_.get()),
          imports_(database_ ? std::make_unique<ImportStore>(*database_) : nullptr),
          feed_store_(database_ ? std::make_unique<FeedStore>(*database_) : nullptr),
          changes_(mapping, zone, neighbours_, config, environment.clock, owners_, pushes_.get()),
          feed_(mapping, zone, exported_, config, environment, owners_, feed_store_.get()),
          transfers_(
              {mapping, neighbours_, owners_, imports_.get(), pushes_.get(), environment.clock}),
          routes_(changes_, feed_, owners_, transfers_, imports_.get(), config) {
        if (!database_ || config.base.empty()) return;
        for (const auto& [type, instance] : exported.types) {
            followers_.push_back(
                std::make_unique<Follower>(*instance, *database_, clock_, environment.background));
        }
        gauges_.push_back(environment.metrics.gauge(
            "portal_django_feed_lag_seconds",
            "How long the oldest change has waited that the Django site had not taken when it "
            "asked "
            "last.",
            {}, [this] { return static_cast<double>(feed_.lag().count()); }));
        gauges_.push_back(environment.metrics.gauge(
            "portal_django_feed_backlog_events",
            "Events of the news logs that are not in the feed yet.", {}, [this] {
                std::int64_t behind = 0;
                for (const auto& one : followers_) behind += one->subscription().backlog();
                return static_cast<double>(behind);
            }));
    }

    base::Result<void> load() {
        if (owner_store_) {
            for (const auto& [type, instance] : neighbours_.types) instance->guard(owners_);
            auto known = base::run(owner_store_->load());
            if (!known) return known;
        }
        for (const auto& one : followers_) {
            auto loaded = base::run(one->subscription().load());
            if (!loaded) return loaded;
        }
        return {};
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override {
        gauges_.clear();
        feed_.stop();
        database_.reset();
    }

    std::vector<std::string> left_to_django() const override { return owners_.left_to_django(); }

    std::string name() const override { return "django"; }
    void add_routes(http::Router& router) override { routes_.add_to(router); }
    std::vector<operations::Check> checks() override {
        if (!database_) return {};
        return {host::store_check("django", *database_)};
    }
    std::vector<operations::NamedJob> jobs() override {
        return {inspect_job(config_),
                import_job(config_, clock_, neighbours_, exported_, imports_.get()),
                export_job(config_, clock_, exported_), transfer_job(transfers_)};
    }
    std::vector<const bus::Trail*> trails() const override {
        if (!owner_store_) return {};
        return {&owner_store_->trail()};
    }
    std::vector<host::NamedSubscription> subscriptions() override {
        std::vector<host::NamedSubscription> all;
        for (const auto& one : followers_) {
            all.push_back({"django." + one->name(), &one->subscription()});
        }
        return all;
    }
    base::Task<void> start() override {
        if (!is_scheduled_) co_return base::Result<void>();
        for (const auto& one : followers_) {
            tasks_.spawn(one->name(), "the feed does not follow the news",
                         [follower = one.get()] { return follower->subscription().run(); });
        }
        feed_.start();
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        feed_.stop();
        for (const auto& one : followers_) one->subscription().stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    const Config& config_;
    const base::Clock& clock_;
    const Neighbours neighbours_;
    const Exported exported_;
    const bool is_scheduled_;
    host::TaskGroup tasks_;
    std::unique_ptr<database::Database> database_;
    std::unique_ptr<PushStore> pushes_;
    std::unique_ptr<OwnerStore> owner_store_;
    OwnerService owners_;
    std::unique_ptr<ImportStore> imports_;
    std::unique_ptr<FeedStore> feed_store_;
    std::vector<std::unique_ptr<Follower>> followers_;
    ChangeService changes_;
    FeedService feed_;
    TransferService transfers_;
    Routes routes_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config& config,
                                                const std::filesystem::path& folder) {
    if (config.mapping.empty()) return {};
    return {push_store_file(folder)};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours,
                                                   const Exported& exported) {
    std::shared_ptr<const Mapping> mapping;
    std::shared_ptr<const base::TimeZone> zone;
    std::unique_ptr<database::Database> database;
    for (const auto& store : stores(config, environment.folder)) {
        auto read = read_mapping(config.mapping);
        if (!read) return read.error();
        auto loaded = base::TimeZone::load(read->time_zone);
        if (!loaded) return loaded.error();
        auto opened = host::open_store(
            store, {bus::log_schema(), bus::subscriber_schema(), migrations::django()}, {},
            environment);
        if (!opened) return opened.error();
        mapping = std::make_shared<const Mapping>(std::move(*read));
        zone = std::move(*loaded);
        database = std::move(*opened);
    }
    auto module = std::make_unique<RunningModule>(config, environment, neighbours, exported,
                                                  std::move(database), mapping, zone);
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace django
