#include "resilience/retry_budget.hpp"

#include <algorithm>

namespace resilience {

namespace {
constexpr std::int64_t one_retry = 100;
}

void describe(config::Section& section, RetryBudgetConfig& config) {
    section.integer("percent", config.percent, {0, 100},
                    "The share of calls that may be tried again; 0: none.");
    section.integer("saved_max", config.saved_max, {1, 10000},
                    "How many retries can be saved up while all goes well.");
}

void RetryBudget::called() {
    auto most = config_.saved_max * one_retry;
    auto before = hundredths_.load(std::memory_order_relaxed);
    while (before < most &&
           !hundredths_.compare_exchange_weak(before, std::min(most, before + config_.percent),
                                              std::memory_order_relaxed)) {
    }
}

bool RetryBudget::may_retry() {
    auto before = hundredths_.load(std::memory_order_relaxed);
    while (before >= one_retry) {
        if (hundredths_.compare_exchange_weak(before, before - one_retry,
                                              std::memory_order_relaxed)) {
            granted_.fetch_add(1, std::memory_order_relaxed);
            return true;
        }
    }
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
}

}  // namespace resilience
