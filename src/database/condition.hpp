#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "database/database.hpp"

namespace database {

/// Whether a store is to be asked, as its writer, its readers and everybody else see it. What it
/// turns into is logged once. Thread-safe.
///
///     open ──a sync failed, and reading may go on──> read_only
///       └──────the file cannot be trusted──────> out ──made anew──> open
///       └──────the file is not where it was────> out ──it is back──> open
class Condition {
public:
    using State = Database::State;

    /// Out, with nothing to say yet, until open() or fail().
    explicit Condition(std::shared_ptr<const Options> options);

    State state() const { return state_.load(std::memory_order_acquire); }
    bool is_open() const { return state() == State::open; }
    /// As Database::usable().
    base::Result<void> readable() const;
    base::Result<void> writable() const;
    /// Why it is not open, for the operator; empty: it is.
    std::string why() const;

    /// The file is open.
    void open();
    /// A fatal failure. The first one counts.
    void fail(const Failure& failure);
    /// Whether the file was only not where it was, and it is time to look again: each second, after
    /// waits that double to a minute if it goes again soon. Who is told so looks, and says
    /// is_back() if it is.
    bool may_be_back();
    void is_back();
    /// What those are told whose question came upon the failure.
    base::Error refusal(const Failure& failure) const;

private:
    bool turn(State state, const Failure& failure);

    std::shared_ptr<const Options> options_;
    std::atomic<State> state_{State::out};
    mutable std::mutex mutex_;
    base::Error error_;
    std::string why_;
    bool is_away_ = false;
    std::chrono::steady_clock::time_point look_next_{};
    std::chrono::seconds look_wait_{1};
};

}  // namespace database
