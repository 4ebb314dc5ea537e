#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/cache.hpp"

namespace gateway {

/// Whether many clients seem to come from one address and are refused together: what users behind a
/// proxy look like that does not say for whom it asks. One program behind an address, however often
/// it asks, has one voice. Bounded in addresses and in what it tells. Thread-safe.
class CrowdSign {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::size_t voices_min = 4;
    static constexpr std::chrono::seconds window{60};
    static constexpr std::size_t addresses_max = 1024;
    static constexpr std::int64_t told_max = 100;

    CrowdSign() : addresses_(addresses_max) {}

    /// A request from `address`; `voice`: what tells one program from another. True once for an
    /// address: when one of its requests was refused and `voices_min` voices spoke, all within
    /// `window`.
    bool hear(const std::string& address, std::size_t voice, bool refused, Time now);

private:
    struct Heard {
        struct Voice {
            std::size_t name = 0;
            Time at = Time::min();
        };
        std::array<Voice, voices_min> voices{};
        Time refused_at = Time::min();
        bool told = false;

        void note(std::size_t name, Time now);
        bool is_crowd(Time now) const;
    };

    base::Cache<std::string, Heard> addresses_;
    std::atomic<std::int64_t> told_{0};
};

}  // namespace gateway
