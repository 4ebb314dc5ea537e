#include "telemetry/breakdowns.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace telemetry {

namespace {

constexpr std::size_t kinds_max = 512;
constexpr std::size_t requests_max = 64;
/// What belongs to one request is told within that; an id is its client's, who may say it always.
constexpr std::chrono::seconds request_life{1};

struct Kept {
    std::atomic<bool> on{false};
    std::mutex mutex{};
    BreakdownQueue queue{BreakdownLimits{}};
};

/// Never destroyed, as the log is not.
Kept& kept() {
    static Kept& held = *new Kept;
    return held;
}

}  // namespace

bool BreakdownQueue::is_known(const std::string& request_id, base::Time at) {
    if (request_id.empty()) return false;
    for (const auto& [known, since] : requests_) {
        auto age = at - since;
        if (known == request_id && age >= age.zero() && age <= request_life) return true;
    }
    requests_.emplace_back(request_id, at);
    if (requests_.size() > requests_max) requests_.pop_front();
    return false;
}

bool BreakdownQueue::add(Breakdown breakdown) {
    if (is_known(breakdown.request_id, breakdown.at)) {
        // Whoever broke need not know the route; whoever answers does.
        for (auto& waits : waiting_) {
            bool same = waits.request_id == breakdown.request_id;
            if (same && waits.route.empty()) waits.route = breakdown.route;
        }
        return false;
    }
    if (kinds_.size() >= kinds_max) kinds_.clear();
    auto name = breakdown.module + '\n' + breakdown.message + '\n' + breakdown.route;
    for (const auto& [field, value] : breakdown.fields) {
        if (field == dependency_field) name += '\n' + value;
    }
    auto [at, is_new] = kinds_.try_emplace(std::move(name));
    auto& kind = at->second;
    // A clock that was set back keeps nobody silent.
    auto since = breakdown.at - kind.kept;
    if (!is_new && since >= since.zero() && since < limits_.repeat) {
        ++kind.others;
        return false;
    }
    auto minute = std::chrono::floor<std::chrono::minutes>(breakdown.at);
    if (minute != minute_) in_minute_ = 0;
    minute_ = minute;
    if (waiting_.size() >= limits_.queue_max || in_minute_ >= limits_.per_minute_max) {
        ++kind.others;
        ++dropped_;
        return false;
    }
    ++in_minute_;
    breakdown.others = kind.others;
    kind = {breakdown.at, 0};
    waiting_.push_back(std::move(breakdown));
    return true;
}

std::vector<Breakdown> BreakdownQueue::take(std::size_t count) {
    auto end = waiting_.begin() +
               static_cast<std::ptrdiff_t>(std::min<std::size_t>(count, waiting_.size()));
    std::vector<Breakdown> taken(std::make_move_iterator(waiting_.begin()),
                                 std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    return taken;
}

void start_breakdowns(const BreakdownLimits& limits) {
    auto& all = kept();
    std::lock_guard lock(all.mutex);
    all.queue = BreakdownQueue(limits);
    all.on = true;
}

void stop_breakdowns() {
    kept().on = false;
}

bool breakdowns_on() {
    return kept().on.load(std::memory_order_relaxed);
}

void keep(Breakdown breakdown) {
    auto& all = kept();
    std::lock_guard lock(all.mutex);
    all.queue.add(std::move(breakdown));
}

std::vector<Breakdown> take_breakdowns(std::size_t count) {
    auto& all = kept();
    std::lock_guard lock(all.mutex);
    return all.queue.take(count);
}

std::uint64_t breakdowns_dropped() {
    auto& all = kept();
    std::lock_guard lock(all.mutex);
    return all.queue.dropped();
}

}  // namespace telemetry
