#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "resilience/fair_slots.hpp"

namespace live {

/// Places for those who listen, or who are told what they have missed: so many at once at most, and
/// fair to clients. Lives as long as one of its places. Thread-safe.
class Places : public std::enable_shared_from_this<Places> {
public:
    explicit Places(std::int64_t most) : slots_(most) {}

    /// One of them, while it lives; null if there is none for that client now.
    std::shared_ptr<void> take(const std::string& client);
    std::int64_t taken() const { return taken_.load(std::memory_order_relaxed); }

private:
    struct Place;

    resilience::FairSlots slots_;
    std::atomic<std::int64_t> taken_{0};
};

}  // namespace live
