#include "resilience/circuit_breaker.hpp"

#include <algorithm>
#include <utility>

namespace resilience {

void describe(config::Section& section, CircuitBreakerConfig& config) {
    section.integer("window_slices", config.window_slices, {1, 60},
                    "How many slices of time are looked back at.");
    section.duration("slice_ms", config.slice, {10, 60000}, "How long each of them is.");
    section.integer("calls_min", config.calls_min, {1, 100000},
                    "Fewer calls than this within the window open nothing.");
    section.integer("failed_percent", config.failed_percent, {1, 100},
                    "It opens when this share of the calls has failed.");
    section.integer("slow_percent", config.slow_percent, {1, 100},
                    "It opens when this share of the calls was slow.");
    section.duration("slow_call_ms", config.slow_call, {1, 600000},
                     "A call that takes this long is slow.");
    section.duration("open_min_ms", config.open_min, {1, 3600000},
                     "How long nobody is let through at first; twice as long each time that the "
                     "calls afterwards are no better.");
    section.duration("open_max_ms", config.open_max, {1, 3600000}, "But no longer than this.");
    section.integer("half_open_permits", config.half_open_permits, {1, 100},
                    "How many calls then find out whether it works again.");
    section.duration("half_open_limit_ms", config.half_open_limit, {10, 3600000},
                     "One of them that has said nothing for so long has failed.");
    if (config.open_max < config.open_min) {
        section.refuse("open_max_ms", "must not be less than open_min_ms.");
    }
}

CircuitBreaker::Permit::Permit(Permit&& other) noexcept
    : breaker_(std::exchange(other.breaker_, nullptr)),
      period_(other.period_),
      id_(other.id_),
      began_(other.began_) {}

CircuitBreaker::Permit::~Permit() {
    report(Outcome::abandoned);
}

void CircuitBreaker::Permit::report(Outcome outcome) {
    if (auto* breaker = std::exchange(breaker_, nullptr)) breaker->report(*this, outcome);
}

CircuitBreaker::CircuitBreaker(const CircuitBreakerConfig& config, Heard heard, Now now)
    : config_(config),
      heard_(std::move(heard)),
      now_(std::move(now)),
      slices_(static_cast<std::size_t>(config.window_slices)) {
    out_.reserve(static_cast<std::size_t>(config.half_open_permits));
}

CircuitBreaker::State CircuitBreaker::state() const {
    std::lock_guard lock(mutex_);
    return state_;
}

CircuitBreaker::Counts CircuitBreaker::counts() const {
    std::lock_guard lock(mutex_);
    return counts_;
}

base::Result<CircuitBreaker::Permit> CircuitBreaker::acquire() {
    Changes changes;
    auto permit = [&] {
        auto now = now_();
        std::lock_guard lock(mutex_);
        return acquire_locked(latest(now), changes);
    }();
    tell(changes);
    return permit;
}

base::Result<CircuitBreaker::Permit> CircuitBreaker::acquire_locked(Time now, Changes& changes) {
    if (state_ == State::half_open) expire_probes(now, changes);
    if (state_ == State::open) {
        if (now < open_until_) return refusal(open_until_ - now);
        enter(State::half_open, now, changes);
    }
    if (state_ == State::closed) return Permit(*this, period_, 0, now);
    auto given = out_.size() + static_cast<std::size_t>(probed_.calls);
    if (given >= static_cast<std::size_t>(config_.half_open_permits)) {
        return refusal(std::chrono::seconds(1));
    }
    out_.push_back({++next_id_, now + config_.half_open_limit});
    return Permit(*this, period_, next_id_, now);
}

void CircuitBreaker::report(const Permit& permit, Permit::Outcome outcome) {
    Changes changes;
    {
        auto real = now_();
        std::lock_guard lock(mutex_);
        auto now = latest(real);
        bool slow = now - permit.began_ >= config_.slow_call;
        if (outcome == Permit::Outcome::abandoned) ++counts_.abandoned;
        if (outcome != Permit::Outcome::cancelled) {
            if (slow) ++counts_.slow;
            ++(outcome == Permit::Outcome::succeeded ? counts_.succeeded : counts_.failed);
        }
        // What began before the last change says nothing about what is now.
        bool current = permit.period_ == period_;
        if (current && state_ == State::closed) record(permit, outcome, slow, now, changes);
        if (current && permit.id_ != 0) {
            auto its = std::find_if(out_.begin(), out_.end(),
                                    [&](const Probe& probe) { return probe.id == permit.id_; });
            if (its != out_.end()) {
                out_.erase(its);
                record_probe(outcome, slow, now, changes);
            }
        }
    }
    tell(changes);
}

void CircuitBreaker::record(const Permit& permit, Permit::Outcome outcome, bool slow, Time now,
                            Changes& changes) {
    if (outcome == Permit::Outcome::cancelled) return;
    auto number = now.time_since_epoch() / config_.slice;
    auto& slice = slices_[static_cast<std::size_t>(number % config_.window_slices)];
    if (slice.number != number) slice = {number};
    ++slice.calls;
    if (outcome != Permit::Outcome::succeeded) ++slice.failed;
    if (slow) ++slice.slow;

    Slice sum;
    for (const auto& each : slices_) {
        if (each.number <= number - config_.window_slices) continue;
        sum.calls += each.calls;
        sum.failed += each.failed;
        sum.slow += each.slow;
    }
    bool too_many = sum.calls >= config_.calls_min && too_bad(sum, sum.calls);
    bool nothing_else = only_fails(permit.began_, outcome != Permit::Outcome::succeeded, now);
    if (too_many || nothing_else) enter(State::open, now, changes);
}

bool CircuitBreaker::only_fails(Time began, bool failed, Time now) {
    constexpr std::int64_t failed_min = 3;
    if (!failed) {
        failed_in_row_ = 0;
        return false;
    }
    if (failed_in_row_++ == 0) failing_since_ = began;
    return failed_in_row_ >= failed_min &&
           now - failing_since_ >= config_.slice * config_.window_slices;
}

void CircuitBreaker::record_probe(Permit::Outcome outcome, bool slow, Time now, Changes& changes) {
    // Its permit goes to the next who asks.
    if (outcome == Permit::Outcome::cancelled) return;
    ++probed_.calls;
    if (outcome != Permit::Outcome::succeeded) ++probed_.failed;
    if (slow) ++probed_.slow;
    // Against all permits, so that it is known as early as it cannot change any more.
    if (too_bad(probed_, config_.half_open_permits)) {
        enter(State::open, now, changes);
    } else if (probed_.calls >= config_.half_open_permits) {
        enter(State::closed, now, changes);
    }
}

void CircuitBreaker::expire_probes(Time now, Changes& changes) {
    while (state_ == State::half_open && !out_.empty() && out_.front().expires <= now) {
        out_.erase(out_.begin());
        record_probe(Permit::Outcome::failed, true, now, changes);
    }
}

bool CircuitBreaker::too_bad(const Slice& sum, std::int64_t calls) const {
    return sum.failed * 100 >= config_.failed_percent * calls ||
           sum.slow * 100 >= config_.slow_percent * calls;
}

void CircuitBreaker::enter(State next, Time now, Changes& changes) {
    if (changes.size < changes.list.size()) changes.list[changes.size++] = {state_, next};
    if (next == State::open) {
        open_span_ =
            open_span_.count() == 0 ? config_.open_min : std::min(open_span_ * 2, config_.open_max);
        open_until_ = now + open_span_;
        ++counts_.opened;
    }
    if (next == State::closed) open_span_ = std::chrono::milliseconds(0);
    std::fill(slices_.begin(), slices_.end(), Slice());
    failed_in_row_ = 0;
    out_.clear();
    probed_ = {};
    state_ = next;
    ++period_;
}

void CircuitBreaker::tell(const Changes& changes) const {
    if (!heard_) return;
    for (std::size_t i = 0; i < changes.size; ++i) {
        heard_(changes.list[i].from, changes.list[i].to);
    }
}

/// Threads read the clock before they have the lock, so a later one may come with an earlier time.
CircuitBreaker::Time CircuitBreaker::latest(Time now) {
    latest_ = std::max(latest_, now);
    return latest_;
}

base::Error CircuitBreaker::refusal(std::chrono::nanoseconds wait) {
    ++counts_.refused;
    base::Error error{base::Reason::unavailable, "circuit_open",
                      "What is needed for this has failed too often just now and is given a rest. "
                      "Try again later."};
    error.retry_after =
        std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(wait));
    return error;
}

}  // namespace resilience
