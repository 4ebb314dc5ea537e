#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/cache.hpp"

namespace resilience {

/// At most `count` in any `span`, saved up to `count`; 0: no limit.
struct Rate {
    std::int64_t count = 0;
    std::chrono::seconds span{60};
};

/// Counts what each of many keys does against two rates. Thread-safe, and bounded: of more than
/// `keys_max` keys it forgets those that were quiet the longest, whose buckets are the fullest.
///
/// A token bucket, kept as the one time at which it would be full again (the generic cell rate
/// algorithm, ITU-T I.371): two numbers for a key, and nothing to do while nobody asks.
class RateLimiter {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Rates = std::array<Rate, 2>;

    RateLimiter(const Rates& rates, std::size_t keys_max) : rates_(rates), keys_(keys_max) {}

    bool limits() const { return rates_[0].count > 0 || rates_[1].count > 0; }

    struct Verdict {
        bool allowed = true;
        Rate rate{};                        ///< the one that leaves least
        std::int64_t remaining = 0;         ///< how often more at once
        std::chrono::nanoseconds wait{0};   ///< refused: until one is allowed again
        std::chrono::nanoseconds reset{0};  ///< until nothing is counted any more
    };
    /// Takes one of both rates, or of neither.
    Verdict take(const std::string& key, Time now);

    std::size_t size() const { return keys_.size(); }

private:
    using Full = std::array<Time, 2>;

    const Rates rates_;
    base::Cache<std::string, Full> keys_;
};

}  // namespace resilience
