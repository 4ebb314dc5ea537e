#include "visit_consumer.hpp"

#include "telemetry/log.hpp"

namespace recommendation {

using namespace std::chrono_literals;

namespace {

bus::Config subscription_config(const VisitConsumer::Limits& limits) {
    bus::Config config;
    config.batch_events_max = limits.batch_visits_max;
    // A visit that the graph cannot take today it cannot take tomorrow, and it is one of many.
    config.attempts_max = 1;
    config.retry_wait_ms = 100ms;
    config.retry_wait_max = 5000ms;
    return config;
}

}  // namespace

VisitConsumer::VisitConsumer(bus::Topic<news::NewsViewed>& visits, VisitService& service,
                             const base::Clock& clock, telemetry::Metrics& metrics,
                             const Limits& limits, base::Executor executor)
    : feed_(visits.subscribe(limits.ring_visits_max, clock), limits.interval, clock, metrics,
            executor),
      inbox_(service, metrics),
      subscription_(feed_, inbox_, clock, subscription_config(limits), executor),
      dropped_stopping_(metrics.counter("portal_recommendation_visits_dropped_total",
                                        "Visits that never reached the graph.",
                                        {{"why", "stopping"}})) {}

void VisitConsumer::stop() {
    feed_.hurry();
    subscription_.stop(bus::Subscription::Stop::when_heard);
}

base::Task<void> VisitConsumer::run() {
    auto ended = co_await subscription_.run();
    auto lost = backlog();
    dropped_stopping_.add(lost);
    if (lost > 0) {
        telemetry::log(telemetry::Level::warning, "recommendation",
                       "visits are lost: they cannot be stored, and the server stops",
                       {{"visits", lost}});
    }
    co_return ended;
}

}  // namespace recommendation
