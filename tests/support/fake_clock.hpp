#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

#include "base/clock.hpp"

namespace support {

/// A clock whose wall stands still until a test moves it. Its steady time is the machine's, or one
/// with which nobody waits for real. Thread-safe.
class FakeClock final : public base::Clock {
public:
    enum class Steady {
        machine,
        by_hand,  ///< stands still as well
        at_once,  ///< goes to whatever moment is waited for: right where one waits at a time
    };

    explicit FakeClock(const char* start = "2026-03-01T12:00:00Z", Steady steady = Steady::machine)
        : micros_(base::to_micros(*base::parse_rfc3339(start))),
          by_hand_(steady != Steady::machine),
          at_once_(steady == Steady::at_once) {}
    explicit FakeClock(Steady steady) : FakeClock("2026-03-01T12:00:00Z", steady) {}

    base::Time now() const override { return base::from_micros(micros_.load()); }
    Moment steady() const override {
        if (!by_hand_) return Clock::steady();
        std::lock_guard lock(mutex_);
        return steady_;
    }
    bool set_alarm(Moment moment, std::weak_ptr<Alarm> alarm) const override {
        if (!by_hand_) return false;
        {
            std::lock_guard lock(mutex_);
            if (at_once_) steady_ = std::max(steady_, moment);
            if (moment > steady_) {
                alarms_.emplace(moment, std::move(alarm));
                alarm_set_.notify_all();
                return true;
            }
        }
        if (auto waiting = alarm.lock()) waiting->ring();
        return true;
    }

    /// Time passes: for both, unless it is negative, which no steady time can be.
    void advance(std::chrono::microseconds span) {
        micros_ += span.count();
        if (span.count() > 0 && by_hand_) pass(span);
    }
    /// Only steady time passes: the wall's clock stands. By hand.
    void pass(std::chrono::microseconds span) {
        std::vector<std::shared_ptr<Alarm>> due;
        {
            std::lock_guard lock(mutex_);
            steady_ += span;
            while (!alarms_.empty() && alarms_.begin()->first <= steady_) {
                if (auto alarm = alarms_.begin()->second.lock()) due.push_back(std::move(alarm));
                alarms_.erase(alarms_.begin());
            }
        }
        for (auto& alarm : due) alarm->ring();
    }
    /// Somebody sets the wall's clock.
    void set_by(std::chrono::microseconds span) { micros_ += span.count(); }

    /// Blocks until somebody has just so long to wait from now: until whoever does that every
    /// `span` has nothing else to do. Only by hand.
    void until_waited_for(std::chrono::milliseconds span) const {
        std::unique_lock lock(mutex_);
        alarm_set_.wait(lock, [&] {
            auto [first, last] = alarms_.equal_range(steady_ + span);
            return std::any_of(first, last, [](auto& alarm) { return !alarm.second.expired(); });
        });
    }

    /// Blocks until somebody waits, then has just so much time pass that the first has waited
    /// enough; gives how much that was. Only by hand.
    std::chrono::microseconds skip() {
        std::chrono::microseconds span{0};
        {
            std::unique_lock lock(mutex_);
            alarm_set_.wait(lock, [this] { return next() != alarms_.end(); });
            span = std::chrono::ceil<std::chrono::microseconds>(next()->first - steady_);
        }
        advance(span);
        return span;
    }

private:
    using Alarms = std::multimap<Moment, std::weak_ptr<Alarm>>;

    /// The first alarm that somebody still waits for.
    Alarms::iterator next() const {
        while (!alarms_.empty() && alarms_.begin()->second.expired())
            alarms_.erase(alarms_.begin());
        return alarms_.begin();
    }

    std::atomic<std::int64_t> micros_;
    const bool by_hand_;
    const bool at_once_;
    mutable std::mutex mutex_;
    mutable std::condition_variable alarm_set_;
    mutable Alarms alarms_;
    mutable Moment steady_ = Moment() + std::chrono::hours(1);
};

}  // namespace support
