#include "host/call_sweep.hpp"

#include <utility>

#include "bus/call_store.hpp"
#include "telemetry/log.hpp"

namespace host {

namespace {
constexpr std::chrono::minutes interval{10};
}

CallSweep::CallSweep(std::string module, const Environment& environment)
    : module_(std::move(module)), timer_(environment.clock, environment.background) {}

void CallSweep::begin(TaskGroup& tasks, database::Database& database) {
    tasks.spawn("call_sweep", "answered calls are not forgotten",
                [this, &database] { return run(database); });
}

void CallSweep::stop() {
    stopping_.store(true);
    timer_.cancel();
}

base::Task<void> CallSweep::run(database::Database& database) {
    while (!stopping_.load()) {
        auto forgotten = co_await bus::forget_old_calls(database, timer_.clock());
        if (!forgotten) {
            telemetry::log(telemetry::Level::warning, module_,
                           "answered calls cannot be forgotten yet",
                           {{"error", forgotten.error().code}});
        }
        if (!stopping_.load()) co_await timer_.pause(interval);
    }
    co_return base::Result<void>();
}

}  // namespace host
