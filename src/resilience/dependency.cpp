#include "resilience/dependency.hpp"

#include "telemetry/log.hpp"

namespace resilience {

namespace {

using State = CircuitBreaker::State;

const char* name_of(State state) {
    return state == State::closed ? "closed" : state == State::open ? "open" : "half_open";
}

void log_change(const std::string& name, State from, State to) {
    auto level = to == State::open ? telemetry::Level::error : telemetry::Level::info;
    const char* what = to == State::open     ? "a dependency does not answer, and is given rest"
                       : to == State::closed ? "a dependency answers again"
                                             : "a dependency is tried again";
    telemetry::log(level, "resilience", what,
                   {{"dependency", name}, {"from", name_of(from)}, {"to", name_of(to)}});
}

}  // namespace

Dependency::Dependency(std::string name, const CircuitBreakerConfig& config,
                       telemetry::Metrics& metrics, const base::Clock& clock)
    : name_(std::move(name)), known_(new Known{metrics, clock}) {
    // A question that outlives this has nobody to tell, and no clock but the machine's.
    std::weak_ptr<Known> weak = known_;
    auto heard = [weak, of = name_](State from, State to) {
        auto known = weak.lock();
        if (!known) return;
        log_change(of, from, to);
        known->metrics
            .counter("portal_breaker_transitions_total",
                     "How often a dependency was given rest, tried again, and found well.",
                     {{"dependency", of}, {"to", name_of(to)}})
            .add();
    };
    auto now = [weak] {
        auto known = weak.lock();
        return known ? known->clock.steady() : std::chrono::steady_clock::now();
    };
    auto& refused = metrics.counter("portal_breaker_refused_total",
                                    "Questions that a dependency at rest was not asked.",
                                    {{"dependency", name_}});
    core_ = std::make_shared<Core>(config, std::move(heard), std::move(now), refused);
    gauge_ = metrics.gauge(
        "portal_breaker_state",
        "Whether a dependency is asked: 0 yes, 1 a few questions to find out, 2 no.",
        {{"dependency", name_}}, [core = core_] {
            auto state = core->breaker.state();
            return state == State::closed ? 0.0 : state == State::half_open ? 1.0 : 2.0;
        });
}

std::string Dependency::warning() const {
    return rests() ? "`" + name_ + "` does not answer, and is asked only now and then" : "";
}

void Dependency::report(CircuitBreaker::Permit& permit, const base::Error& error) {
    bool wrong =
        error.reason == base::Reason::deadline || error.reason == base::Reason::unavailable;
    if (!wrong || error.code == "not_counted_yet") {
        permit.succeeded();
    } else if (error.code == "overloaded" || error.code == "view_rebuilding" ||
               error.code == "recommendation_busy" || error.code == "recommendation_not_ready") {
        // It says so itself, at once, and is to be asked as soon as it is done.
        permit.cancelled();
    } else {
        permit.failed();
    }
}

}  // namespace resilience
