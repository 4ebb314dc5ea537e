#include "upstream_service.hpp"

#include "telemetry/log.hpp"

namespace legacy {

namespace {

using State = resilience::CircuitBreaker::State;

http::UpstreamAddress address_of(const UpstreamConfig& config) {
    auto address = http::parse_upstream(config.url);
    return address ? *address : http::UpstreamAddress();
}

void log_change(const std::string& name, State to) {
    if (to == State::open) {
        telemetry::log(telemetry::Level::error, "legacy",
                       "an upstream does not answer, and is given rest", {{"upstream", name}});
    } else if (to == State::closed) {
        telemetry::log(telemetry::Level::info, "legacy", "an upstream answers again",
                       {{"upstream", name}});
    }
}

}  // namespace

UpstreamService::UpstreamService(const UpstreamConfig& config,
                                 const resilience::CircuitBreakerConfig& breaker,
                                 telemetry::Metrics& metrics)
    : name_(config.name),
      address_(address_of(config)),
      metrics_(metrics),
      breaker_(breaker, [name = config.name](State, State to) { log_change(name, to); }),
      tunnels_(std::make_shared<std::atomic<std::int64_t>>(0)),
      seconds_(metrics.histogram("portal_legacy_seconds",
                                 "From the question to an upstream to the head of its answer.",
                                 {{"upstream", name_}})) {
    for (const char* status : {"2xx", "3xx", "4xx", "5xx"}) {
        answers_.push_back(&metrics_.counter("portal_legacy_answers_total",
                                             "Answers of an upstream.",
                                             {{"upstream", name_}, {"status", status}}));
    }
    gauges_.push_back(metrics_.gauge(
        "portal_legacy_breaker_state",
        "Whether an upstream is asked: 0 yes, 1 a few questions to find out, 2 no.",
        {{"upstream", name_}}, [this] {
            auto state = breaker_.state();
            return state == State::closed ? 0.0 : state == State::half_open ? 1.0 : 2.0;
        }));
    gauges_.push_back(metrics_.gauge(
        "portal_legacy_tunnels", "Connections to an upstream that became another protocol's.",
        {{"upstream", name_}},
        [tunnels = tunnels_] { return static_cast<double>(tunnels->load()); }));
}

void UpstreamService::answered(int status, std::chrono::steady_clock::duration took) {
    seconds_.observe(std::chrono::duration<double>(took).count());
    auto kind = static_cast<std::size_t>(status / 100);
    if (kind >= 2 && kind < 2 + answers_.size()) answers_[kind - 2]->add();
}

void UpstreamService::failed(const std::string& code) {
    metrics_
        .counter("portal_legacy_failures_total",
                 "Questions to an upstream that had no answer, or none that was whole.",
                 {{"upstream", name_}, {"kind", code}})
        .add();
}

std::shared_ptr<void> UpstreamService::tunnel() {
    tunnels_->fetch_add(1);
    return {nullptr, [tunnels = tunnels_](void*) { tunnels->fetch_sub(1); }};
}

std::string UpstreamService::warning() const {
    if (breaker_.state() == State::closed) return "";
    return "the upstream `" + name_ + "` does not answer, and is asked only now and then";
}

}  // namespace legacy
