#include "resilience/fair_slots.hpp"

namespace resilience {

std::optional<FairSlots::Slot> FairSlots::take(const std::string& client) {
    std::lock_guard lock(mutex_);
    auto free = most_ - taken_;
    if (free <= 0) return std::nullopt;
    auto& its = by_client_[client];
    if (!client.empty() && its >= free) return std::nullopt;
    ++its;
    ++taken_;
    return std::optional<Slot>(std::in_place, *this, client);
}

void FairSlots::leave(const std::string& client) noexcept {
    std::lock_guard lock(mutex_);
    --taken_;
    auto its = by_client_.find(client);
    if (--its->second == 0) by_client_.erase(its);
}

}  // namespace resilience
