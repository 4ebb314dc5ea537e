#include "host/hearing.hpp"

namespace host {

struct Hearing::Log {
    Log(std::string its_name, const bus::Feed& feed, std::unique_ptr<bus::Inbox> its_inbox,
        std::string its_loss, const Environment& environment, const bus::Config& config)
        : name(std::move(its_name)),
          lost(std::move(its_loss)),
          head(feed.head()),
          inbox(std::move(its_inbox)),
          subscription(feed, *inbox, environment.clock, config, environment.background) {}

    const std::string name;
    const std::string lost;
    const base::Watermark& head;
    const std::unique_ptr<bus::Inbox> inbox;
    bus::Subscription subscription;
};

Hearing::Hearing(std::string module, database::Database& database, const Environment& environment,
                 const bus::Config& config, OlderLog older)
    : module_(std::move(module)),
      database_(database),
      environment_(environment),
      config_(config),
      older_(older) {}

Hearing::~Hearing() = default;

bus::Subscription& Hearing::add(std::string name, const bus::Feed& feed,
                                bus::Subscriber& subscriber, std::string lost) {
    auto inbox = std::make_unique<bus::StoreInbox>(std::move(name), database_, subscriber,
                                                   environment_.clock);
    return add(feed, std::move(inbox), std::move(lost));
}

bus::Subscription& Hearing::add(const bus::Feed& feed, std::unique_ptr<bus::Inbox> inbox,
                                std::string lost) {
    auto name = module_ + '.' + inbox->name();
    logs_.push_back(std::make_unique<Log>(name, feed, std::move(inbox), std::move(lost),
                                          environment_, config_));
    auto& subscription = logs_.back()->subscription;
    auto& metrics = environment_.metrics;
    telemetry::Labels labels{{"module", module_}, {"subscription", name}};
    gauges_.push_back(metrics.gauge(
        "portal_listener_backlog_events", "Events that a module has not heard yet.", labels,
        [&subscription] { return static_cast<double>(subscription.backlog()); }));
    gauges_.push_back(metrics.gauge(
        "portal_listener_parked_streams", "Streams that a module could not hear.", labels,
        [&subscription] { return static_cast<double>(subscription.parked()); }));
    return subscription;
}

base::Result<void> Hearing::load() {
    for (auto& log : logs_) {
        auto& subscription = log->subscription;
        auto loaded = base::run(subscription.load());
        if (!loaded) return loaded;
        bool may_be_older = older_ == OlderLog::heard_anew || environment_.accept_older_data;
        bool is_ahead = !subscription.fits() && !may_be_older &&
                        subscription.loaded().position > log->head.value();
        if (!is_ahead) continue;
        return base::Error{base::Reason::conflict, "older_data",
                           "The log that is heard as " + log->name + " is older than what " +
                               module_ + ".db has seen of it: it ends at event " +
                               std::to_string(log->head.value()) + ", " + module_ + " is at " +
                               std::to_string(subscription.loaded().position) +
                               ". Put the newer file back, or start with --accept-older-data to "
                               "go on with this one."};
    }
    return {};
}

void Hearing::start(TaskGroup& tasks) {
    for (auto& log : logs_) {
        auto run = [heard = log.get()] { return heard->subscription.run(); };
        tasks.spawn(log->name, log->lost, std::move(run));
    }
}

void Hearing::stop() {
    for (auto& log : logs_) log->subscription.stop();
}

std::vector<NamedSubscription> Hearing::subscriptions() {
    std::vector<NamedSubscription> all;
    for (auto& log : logs_) all.push_back({log->name, &log->subscription});
    return all;
}

}  // namespace host
