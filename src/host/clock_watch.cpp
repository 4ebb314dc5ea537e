#include "host/clock_watch.hpp"

#include "telemetry/log.hpp"

namespace host {

using std::chrono::microseconds;

namespace {

constexpr std::chrono::seconds jump_min{1};
constexpr std::chrono::hours shown{1};

std::string said(microseconds offset) {
    auto seconds = std::chrono::round<std::chrono::seconds>(offset).count();
    return std::to_string(std::abs(seconds)) + (seconds < 0 ? " seconds back" : " seconds ahead");
}

}  // namespace

ClockWatch::ClockWatch(const base::Clock& clock, telemetry::Metrics& metrics)
    : clock_(clock),
      jumps_(metrics.counter("portal_clock_jumps_total", "How often the clock was set.")),
      wall_(clock.now()),
      steady_(clock.steady()) {}

void ClockWatch::look() {
    auto wall = clock_.now();
    auto steady = clock_.steady();
    std::lock_guard lock(mutex_);
    auto jump = (wall - wall_) - std::chrono::duration_cast<microseconds>(steady - steady_);
    wall_ = wall;
    steady_ = steady;
    if (jump < jump_min && -jump < jump_min) return;
    jumps_.add();
    offset_ += jump;
    jumped_ = steady;
    has_jumped_ = true;
    telemetry::log(telemetry::Level::warning, "host",
                   "the clock was set: what is dated before and after does not compare",
                   {{"by_ms", jump / std::chrono::milliseconds(1)},
                    {"all_by_ms", offset_ / std::chrono::milliseconds(1)},
                    {"now", base::to_rfc3339(wall)}});
}

std::string ClockWatch::warning() const {
    std::lock_guard lock(mutex_);
    if (!has_jumped_ || clock_.steady() - jumped_ >= shown) return "";
    if (offset_ < jump_min && -offset_ < jump_min) {
        return "the clock was wrong for a while, and has been set right";
    }
    return "the clock was set, " + said(offset_) + " of where it would be: it was wrong, or is now";
}

}  // namespace host
