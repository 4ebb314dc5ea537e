#include "live/module.hpp"

#include <array>

#include "host/task_group.hpp"
#include "hub_service.hpp"
#include "newsroom_service.hpp"
#include "public_service.hpp"
#include "routes.hpp"

namespace live {

namespace {

std::vector<HeardLog> logs_of(const Neighbours& neighbours) {
    std::vector<HeardLog> logs;
    for (const auto& [type, heard] : neighbours.logs) {
        logs.push_back({type, heard.feed, heard.shown});
    }
    return logs;
}

std::vector<std::string> names_of(const Neighbours& neighbours) {
    std::vector<std::string> names;
    for (const auto& [type, heard] : neighbours.logs) names.push_back(type);
    return names;
}

class RunningModule final : public Module {
public:
    RunningModule(const Config& config, const host::Environment& environment,
                  const Neighbours& neighbours)
        : tasks_("live", environment),
          counters_({ended(environment, "slow"), ended(environment, "caught_up"),
                     ended(environment, "reset")}),
          readers_(std::make_shared<Places>(config.readers_max)),
          newsroom_readers_(std::make_shared<Places>(config.newsroom_readers_max)),
          teller_(names_of(neighbours), neighbours.types, environment.clock),
          hub_(logs_of(neighbours), teller_,
               {static_cast<std::size_t>(config.buffer_events_max),
                static_cast<std::size_t>(config.buffer_bytes_max)},
               Hub::Begin::back, readers_, config.bus, environment, "public"),
          newsroom_teller_(names_of(neighbours), neighbours.types),
          newsroom_hub_(logs_of(neighbours), newsroom_teller_,
                        {static_cast<std::size_t>(config.buffer_events_max),
                         static_cast<std::size_t>(config.buffer_bytes_max)},
                        Hub::Begin::now, newsroom_readers_, config.bus, environment, "newsroom"),
          presence_(neighbours.presence, newsroom_teller_, newsroom_hub_, environment),
          everybody_{hub_, readers_, std::make_shared<Places>(config.catch_ups_max),
                     limits(config, {})},
          newsroom_{newsroom_hub_, newsroom_readers_,
                    std::make_shared<Places>(config.catch_ups_max),
                    limits(config, config.newsroom_span_ms)},
          routes_(everybody_, newsroom_, counters_, environment.clock),
          gauges_({readers(environment, "public", readers_),
                   readers(environment, "newsroom", newsroom_readers_)}) {}

    std::string name() const override { return "live"; }
    base::Result<void> load() {
        auto loaded = hub_.load();
        return loaded ? newsroom_hub_.load() : loaded;
    }
    std::vector<host::NamedSubscription> subscriptions() override {
        auto all = hub_.subscriptions();
        auto others = newsroom_hub_.subscriptions();
        all.insert(all.end(), others.begin(), others.end());
        return all;
    }
    void add_routes(http::Router& router) override { routes_.add_to(router); }

    base::Task<void> start() override {
        hub_.start(tasks_);
        newsroom_hub_.start(tasks_);
        auto hear_presence = [this] { return presence_.hear(); };
        tasks_.spawn("presence", "the newsroom does not hear who has articles open",
                     std::move(hear_presence));
        co_return base::Result<void>();
    }
    base::Task<void> stop(base::Deadline deadline) override {
        hub_.stop();
        newsroom_hub_.stop();
        presence_.stop();
        co_return co_await tasks_.ended(deadline);
    }

private:
    static telemetry::Counter& ended(const host::Environment& environment, const char* how) {
        return environment.metrics.counter("portal_live_readers_total",
                                           "Readers of live streams that were too slow, were told "
                                           "what they had missed from the logs, or had to load "
                                           "anew.",
                                           {{"what", how}});
    }

    static ReaderLimits limits(const Config& config,
                               std::optional<std::chrono::milliseconds> longest) {
        return {config.heartbeat_ms, config.retry_ms, config.catch_up_max, config.catch_up_span_ms,
                longest};
    }

    using Gauge = telemetry::Metrics::Registration;
    static Gauge readers(const host::Environment& environment, const char* kind,
                         std::shared_ptr<Places> places) {
        return environment.metrics.gauge(
            "portal_live_readers", "Streams of events that are open.", {{"kind", kind}},
            [places = std::move(places)] { return static_cast<double>(places->taken()); });
    }

    host::TaskGroup tasks_;
    const ReaderCounters counters_;
    const std::shared_ptr<Places> readers_;
    const std::shared_ptr<Places> newsroom_readers_;
    PublicService teller_;
    Hub hub_;
    NewsroomService newsroom_teller_;
    Hub newsroom_hub_;
    PresenceFeed presence_;
    const Channel everybody_;
    const Channel newsroom_;
    Routes routes_;
    const std::array<Gauge, 2> gauges_;
};

}  // namespace

base::Result<std::unique_ptr<Module>> Module::open(const Config& config,
                                                   const host::Environment& environment,
                                                   const Neighbours& neighbours) {
    auto module = std::make_unique<RunningModule>(config, environment, neighbours);
    auto loaded = module->load();
    if (!loaded) return loaded.error();
    return {boost::system::in_place_value, std::move(module)};
}

}  // namespace live
