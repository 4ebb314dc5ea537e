#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "resilience/circuit_breaker.hpp"
#include "resilience/gather.hpp"
#include "telemetry/metrics.hpp"

namespace resilience {

/// What is asked over and over and may hang: a breaker, its numbers and its lines in the log. A
/// question is waited for until its deadline, whatever it does; while too many of them go wrong
/// none is asked, and each is refused at once with `circuit_open`.
///
/// Wrong is no answer in time, one that is slow, `unavailable` and a breakdown. A queue that is
/// full (`overloaded`, `recommendation_busy`), `view_rebuilding`, `recommendation_not_ready` and
/// `not_counted_yet` say nothing of the kind.
/// Thread-safe; its owner may go while questions are under way.
class Dependency {
public:
    /// `name`: in metrics and the log, as `news:sports`. Metrics and clock outlive it.
    Dependency(std::string name, const CircuitBreakerConfig& config, telemetry::Metrics& metrics,
               const base::Clock& clock);

    const std::string& name() const { return name_; }
    bool rests() const { return core_->breaker.state() != CircuitBreaker::State::closed; }
    /// What an operator should know of it; empty: it is well.
    std::string warning() const;

    /// The question's answer, or its refusal; `deadline_passed` at the deadline. `question` has not
    /// begun, and owns what it uses: it may outlive the caller.
    template <class T>
    base::Task<T> ask(base::Deadline deadline, base::Task<T> question) const {
        return asked<T>(core_, deadline, std::move(question));
    }

private:
    /// What questions hold on to.
    struct Core {
        Core(const CircuitBreakerConfig& config, CircuitBreaker::Heard heard,
             CircuitBreaker::Now now, telemetry::Counter& counter)
            : breaker(config, std::move(heard), std::move(now)), refused(counter) {}
        CircuitBreaker breaker;
        telemetry::Counter& refused;
    };
    using CorePointer = std::shared_ptr<Core>;

    template <class T>
    static base::Task<T> asked(CorePointer core, base::Deadline deadline, base::Task<T> question) {
        // Whoever comes too late says nothing about what is asked.
        if (deadline.passed()) co_return base::deadline_passed();
        auto permit = core->breaker.acquire();
        if (!permit) {
            core->refused.add();
            co_return permit.error();
        }
        std::vector<base::Task<T>> questions;
        questions.push_back(std::move(question));
        auto answers = co_await gather<T>(deadline, std::move(questions));
        auto answer = std::move(answers->front());
        if (answer) {
            permit->succeeded();
        } else {
            report(*permit, answer.error());
        }
        co_return answer;
    }
    static void report(CircuitBreaker::Permit& permit, const base::Error& error);

    const std::string name_;
    /// What outlives this, but perhaps not the questions.
    struct Known {
        telemetry::Metrics& metrics;
        const base::Clock& clock;
    };
    const std::shared_ptr<Known> known_;
    CorePointer core_;
    telemetry::Metrics::Registration gauge_;
};

}  // namespace resilience
