#pragma once

#include <atomic>
#include <cstdint>

#include "config/section.hpp"

namespace resilience {

/// How much may be tried again; describe() says what each means.
struct RetryBudgetConfig {
    std::int64_t percent = 10;
    std::int64_t saved_max = 10;
};

void describe(config::Section& section, RetryBudgetConfig& config);

/// Lets a share of all calls be tried again, and no more, so that retries never become the load
/// that keeps a dependency down. One for all who call the same dependency. Thread-safe; one number.
///
/// A token bucket that calls fill and retries empty. It starts empty, so the share holds from the
/// first call on.
class RetryBudget {
public:
    explicit RetryBudget(const RetryBudgetConfig& config) : config_(config) {}

    /// A call is made for the first time.
    void called();
    /// True if it may be made once more; that is then counted.
    bool may_retry();

    std::uint64_t granted() const { return granted_.load(std::memory_order_relaxed); }
    std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    const RetryBudgetConfig config_;
    std::atomic<std::int64_t> hundredths_{0};  ///< of a retry
    std::atomic<std::uint64_t> granted_{0};
    std::atomic<std::uint64_t> refused_{0};
};

}  // namespace resilience
