#pragma once

#include <array>
#include <atomic>

#include "legacy/login_use.hpp"

namespace legacy {

/// Counts the logins of the monolith that were somebody's here, by their kind, in bounded memory.
/// Thread-safe without a lock.
class LoginTraffic {
public:
    /// The clock outlives it.
    explicit LoginTraffic(const base::Clock& clock) : clock_(clock), since_(clock.now()) {}

    void add(LoginKind kind);
    LoginsUsed used(const std::vector<LoginKind>& kinds) const;

private:
    struct Counted {
        base::Traffic traffic{};
        std::atomic<std::int64_t> last{0};  ///< microseconds since 1970; 0: never
    };

    const base::Clock& clock_;
    const base::Time since_;
    std::array<Counted, login_kinds> counted_{};
};

}  // namespace legacy
