#include "login_traffic.hpp"

namespace legacy {

void LoginTraffic::add(LoginKind kind) {
    auto& counted = counted_[static_cast<std::size_t>(kind)];
    counted.traffic.add(clock_.steady(), std::nullopt);
    counted.last.store(base::to_micros(clock_.now()), std::memory_order_relaxed);
}

LoginsUsed LoginTraffic::used(const std::vector<LoginKind>& kinds) const {
    LoginsUsed used{since_, {}};
    for (auto kind : kinds) {
        const auto& counted = counted_[static_cast<std::size_t>(kind)];
        LoginUse use{kind, counted.traffic.read(clock_.steady()), {}};
        auto last = counted.last.load(std::memory_order_relaxed);
        if (last > 0) use.last = base::from_micros(last);
        used.kinds.push_back(use);
    }
    return used;
}

}  // namespace legacy
