#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "base/trace.hpp"

namespace base {

/// The roles, each including the one before.
enum class Role { anonymous, reader, author, editor, admin };

/// Who issued a request: a user or an API key, by ids below 2^53 that are never the same; nobody
/// has neither.
struct Actor {
    std::optional<std::int64_t> id{};  ///< of a user
    Role role = Role::anonymous;
    std::optional<std::int64_t> api_key{};

    /// By whose doing something is, as events tell it and as what belongs to somebody says.
    std::optional<std::int64_t> subject() const { return id ? id : api_key; }
};

/// An absolute point in time after which nobody waits for the answer any more. Set once at the
/// edge, checked at each hop and when work leaves a queue.
class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    /// No deadline: for work that the server does for itself.
    Deadline() : at_(Clock::time_point::max()) {}
    explicit Deadline(Clock::time_point at) : at_(at) {}
    static Deadline in(Clock::duration span) { return Deadline(Clock::now() + span); }

    Clock::time_point at() const { return at_; }
    bool passed() const { return at_ != Clock::time_point::max() && Clock::now() >= at_; }
    /// The earlier of this one and `span` from now.
    Deadline within(Clock::duration span) const {
        auto other = Clock::now() + span;
        return Deadline(other < at_ ? other : at_);
    }

private:
    Clock::time_point at_;
};

/// What travels with a request through every module.
struct Context {
    Actor actor{};
    std::string request_id{};  ///< also the correlation id of the events that follow
    Deadline deadline{};
    bool shadow = false;  ///< asked only to be compared with another answer: leaves no trace
    Trace trace{};        ///< what happens for it is a part of that; none while traces are off
};

/// The refusal for work whose deadline passed before it was done.
inline Error deadline_passed() {
    return {Reason::deadline, "deadline_passed", "The answer did not come in time. Try again."};
}

}  // namespace base
