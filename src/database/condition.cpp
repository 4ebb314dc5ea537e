#include "condition.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace database {

namespace {

constexpr const char* damaged = "store_damaged";
constexpr const char* unreadable = "store_unreadable";
constexpr const char* read_only = "store_read_only";

constexpr std::chrono::seconds look_wait_min{1};
constexpr std::chrono::seconds look_wait_max{60};

}  // namespace

bool is_out(const base::Error& error) {
    return error.code == damaged || error.code == unreadable;
}

base::Result<void> unless_out(base::Result<void> loaded) {
    if (!loaded && is_out(loaded.error())) return {};
    return loaded;
}

Condition::Condition(std::shared_ptr<const Options> options)
    : options_(std::move(options)),
      error_{base::Reason::unavailable, unreadable,
             "The store " + options_->name + " is not open."} {}

base::Result<void> Condition::readable() const {
    if (state() != State::out) return {};
    std::lock_guard lock(mutex_);
    return error_;
}

base::Result<void> Condition::writable() const {
    if (is_open()) return {};
    std::lock_guard lock(mutex_);
    return error_;
}

std::string Condition::why() const {
    std::lock_guard lock(mutex_);
    return is_open() ? "" : why_;
}

void Condition::open() {
    bool was_out = false;
    {
        std::lock_guard lock(mutex_);
        was_out = !why_.empty();
        why_.clear();
        is_away_ = false;
        state_.store(State::open, std::memory_order_release);
    }
    if (was_out) {
        telemetry::log(telemetry::Level::warning, "database", "a store that was out begins anew",
                       {{"store", options_->name}});
    }
}

bool Condition::may_be_back() {
    if (is_open()) return false;
    std::lock_guard lock(mutex_);
    if (!is_away_) return false;
    auto now = options_->steady_now();
    if (now < look_next_) return false;
    look_next_ = now + look_wait_;
    return true;
}

void Condition::is_back() {
    {
        std::lock_guard lock(mutex_);
        if (!is_away_) return;
        is_away_ = false;
        why_.clear();
        state_.store(State::open, std::memory_order_release);
    }
    telemetry::log(telemetry::Level::warning, "database",
                   "a store that was out is where it was again, and is used again",
                   {{"store", options_->name}});
}

void Condition::fail(const Failure& failure) {
    if (failure.kind() != FailureKind::sync || options_->if_sync_fails == IfSyncFails::go_out) {
        if (!turn(State::out, failure)) return;
        telemetry::log(
            telemetry::Level::error, "database",
            "a store is out: what needs it is refused, everything else is served",
            {{"store", options_->name}, {"error", refusal(failure).code}, {"why", failure.what()}});
        return;
    }
    if (options_->if_sync_fails == IfSyncFails::stop) options_->on_fatal(failure.what());
    if (!turn(State::read_only, failure)) return;
    telemetry::log(telemetry::Level::error, "database",
                   "a store takes no changes any more, since its disk may have lost some",
                   {{"store", options_->name}, {"why", failure.what()}});
}

/// False: it is so already, or worse.
bool Condition::turn(State state, const Failure& failure) {
    std::lock_guard lock(mutex_);
    // Of that nothing was written. What can be made anew is not waited for.
    bool only_away =
        failure.kind() == FailureKind::unopened && options_->if_unusable != IfUnusable::set_aside;
    if (!only_away) is_away_ = false;
    if (!why_.empty() && (state_ == State::out || state == State::read_only)) return false;
    if (state_ == State::open && only_away) {
        is_away_ = true;
        auto now = options_->steady_now();
        bool is_calm = now > look_next_ + look_wait_max;
        look_wait_ = is_calm ? look_wait_min : std::min(2 * look_wait_, look_wait_max);
        look_next_ = now + look_wait_;
    }
    error_ = refusal(failure);
    why_ = failure.what();
    state_.store(state, std::memory_order_release);
    return true;
}

base::Error Condition::refusal(const Failure& failure) const {
    auto store = "The store " + options_->name;
    if (failure.is_damage()) {
        return {base::Reason::unavailable, damaged,
                store + " cannot be used: its file is damaged."};
    }
    if (failure.kind() == FailureKind::sync && options_->if_sync_fails != IfSyncFails::go_out) {
        return {base::Reason::unavailable, read_only,
                store + " takes no changes: its disk does not keep them. Reading still works."};
    }
    return {base::Reason::unavailable, unreadable,
            store + " cannot be used: its file cannot be read or written."};
}

}  // namespace database
