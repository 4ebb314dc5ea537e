#include "webhooks/module.hpp"

#include "announcement_inbox.hpp"
#include "bus/call_store.hpp"
#include "bus/log.hpp"
#include "delivery_service.hpp"
#include "host/call_sweep.hpp"
#include "host/hearing.hpp"
#include "host/open_store.hpp"
#include "host/store_check.hpp"
#include "host/task_group.hpp"
#include "routes.hpp"
#include "target_service.hpp"
#include "webhooks_service.hpp"

namespace migrations {
database::MigrationSet webhooks();
}

namespace webhooks {

namespace {

constexpr const char* store_name = "webhooks";

std::vector<database::MigrationSet> schema() {
    return {bus::log_schema(), bus::calls_schema(), bus::subscriber_schema(),
            migrations::webhooks()};
}

NewsTypes names_of(const news::Types& types) {
    NewsTypes names;
    for (const auto& [name, type] : types) names.insert(name);
    return names;
}

/// Up to where each log goes now, whoever has heard it.
WebhookStore::Heads heads_of(const std::map<std::string, const bus::Feed*>& feeds) {
    return [feeds](const std::string& news_type) {
        auto feed = feeds.find(news_type);
        return feed == feeds.end() ? 0 : feed->second->head().value();
    };
}

DeliveryStore::Limits limits_of(const Config& config) {
    return {config.pending_max, config.deliveries_max,
            std::chrono::hours(24 * config.deliveries_days)};
}

DeliveryOptions options_of(const Config& config) {
    return {{config.retries_max, config.retry_first, config.retry_span},
            {static_cast<std::size_t>(config.in_flight_per_webhook),
             static_cast<std::size_t>(config.in_flight_max)},
            config.timeout};
}

Sender::Options sending_of(const Config& config) {
    return {config.timeout, config.retry_span};
}

http::ClientConfig client_of(const Config& config) {
    http::ClientConfig client;
    client.connect_timeout = config.timeout;
    client.first_byte_timeout = config.timeout;
    client.connections_max = config.in_flight_max;
    client.ca_file = config.ca_file;
    return client;
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours, std::unique_ptr<database::Database> database,
                  std::shared_ptr<http::Client> client)
        : tasks_(store_name, environment),
          call_sweep_(store_name, environment),
          database_(std::move(database)),
          log_(*database_, environment.clock, store_name),
          store_(*database_, log_, environment.clock, config.webhooks_max, config.rotation,
                 names_of(neighbours.types), heads_of(neighbours.feeds),
                 [this] { delivery_.wake(); }),
          deliveries_(*database_, names_of(neighbours.types), limits_of(config)),
          sender_(neighbours.types, guard_of(config.allow), std::move(client), sending_of(config),
                  environment.clock),
          delivery_(deliveries_, sender_, options_of(config), environment,
                    [this](WebhookId webhook, std::string url) {
                        return store_.disable(webhook, std::move(url));
                    }),
          webhooks_(store_, guard_of(config.allow), names_of(neighbours.types)),
          routes_(webhooks_, store_, deliveries_, delivery_, sender_, environment.clock),
          hearing_(store_name, *database_, environment, config.bus) {
        for (const auto& [type, feed] : neighbours.feeds) {
            announcers_.push_back(
                std::make_unique<Announcer>(type, environment.clock, [this] { delivery_.wake(); }));
            hearing_.add(*feed,
                         std::make_unique<AnnouncementInbox>(type, *database_, *announcers_.back(),
                                                             environment.clock),
                         "webhooks are told nothing new");
        }
        add_gauges(environment.metrics);
    }

    /// The store first: what still waits in its queues speaks to the members that follow it.
    ~RunningModule() override {
        gauges_.clear();
        database_.reset();
    }

    base::Result<void> load() { return hearing_.load(); }

    void add_routes(http::Router& router) override { routes_.add_to(router); }
    std::string name() const override { return store_name; }
    std::vector<operations::Check> checks() override {
        operations::Check targets{"webhooks-targets", [] { return std::string(); },
                                  [this] { return warning(); }};
        return {host::store_check(store_name, *database_, &log_), std::move(targets)};
    }
    std::vector<const bus::Trail*> trails() const override { return {&log_}; }
    std::vector<host::NamedSubscription> subscriptions() override {
        return hearing_.subscriptions();
    }

    base::Task<void> start() override {
        call_sweep_.begin(tasks_, *database_);
        hearing_.start(tasks_);
        auto deliver = [this] { return delivery_.run(); };
        tasks_.spawn("delivery", "webhooks are not told of the news", std::move(deliver));
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        call_sweep_.stop();
        hearing_.stop();
        delivery_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    void add_gauges(telemetry::Metrics& metrics) {
        auto add = [&](const char* gauge, const char* meaning, auto value) {
            gauges_.push_back(metrics.gauge(gauge, meaning, {},
                                            [value] { return static_cast<double>(value()); }));
        };
        add("portal_webhooks_pending", "Deliveries that wait for an attempt.",
            [this] { return delivery_.pending(); });
        add("portal_webhooks_under_way", "Deliveries that are being made.",
            [this] { return delivery_.under_way(); });
        add("portal_webhooks_resting",
            "Webhooks whose targets failed over and over, and are given rest.",
            [this] { return delivery_.resting(); });
    }

    std::string warning() const {
        auto resting = delivery_.resting();
        if (resting == 0) return "";
        return std::to_string(resting) +
               " webhooks do not take what they are sent; GET /v1/webhooks/{id}/deliveries says "
               "why";
    }

    host::TaskGroup tasks_;
    host::CallSweep call_sweep_;
    std::unique_ptr<database::Database> database_;
    bus::Log log_;
    WebhookStore store_;
    DeliveryStore deliveries_;
    Sender sender_;
    DeliveryService delivery_;
    WebhooksService webhooks_;
    Routes routes_;
    std::vector<std::unique_ptr<Announcer>> announcers_;
    host::Hearing hearing_;
    std::vector<telemetry::Metrics::Registration> gauges_;
};

}  // namespace

std::vector<database::StoreFile> Module::stores(const Config&,
                                                const std::filesystem::path& folder) {
    return {{store_name, folder / "webhooks.db", database::StoreKind::log}};
}

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours) {
    auto client = neighbours.client;
    if (!client) {
        auto guard = std::make_shared<const http::OutboundGuard>(guard_of(config.allow));
        auto made = http::make_client(client_of(config), environment.metrics, std::move(guard));
        if (!made) return made.error();
        client = std::move(*made);
    }
    auto database = host::open_store(stores(config, environment.folder).front(), schema(),
                                     config.database, environment);
    if (!database) return database.error();
    auto module = std::make_unique<RunningModule>(config, environment, neighbours,
                                                  std::move(*database), std::move(client));
    auto loaded = database::unless_out(module->load());
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace webhooks
