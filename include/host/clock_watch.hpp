#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "telemetry/metrics.hpp"

namespace host {

/// Notices when the wall's clock is set: between two looks it has gone another way than the steady
/// one. What was dated in between is dated wrong, and order is by position anyway; so this only
/// says so. Thread-safe.
class ClockWatch {
public:
    /// Between two looks; a clock that is slewed is never a second off in that.
    static constexpr std::chrono::seconds interval{1};

    /// `clock` and metrics outlive it.
    ClockWatch(const base::Clock& clock, telemetry::Metrics& metrics);

    /// To be called every interval; logs a jump, once.
    void look();
    /// For /readyz, for an hour after a jump: how far the clock was set, all jumps together.
    std::string warning() const;

private:
    const base::Clock& clock_;
    telemetry::Counter& jumps_;
    mutable std::mutex mutex_;
    base::Time wall_;
    base::Clock::Moment steady_;
    std::chrono::microseconds offset_{0};  ///< all jumps since the start
    base::Clock::Moment jumped_{};
    bool has_jumped_ = false;
};

}  // namespace host
