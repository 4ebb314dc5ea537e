#include "telemetry/breakdowns.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

namespace telemetry {

namespace {

constexpr std::size_t kinds_max = 512;
constexpr std::size_t requests_max = 64;

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

bool BreakdownQueue::is_known(const std::string& request_id) {
    if (request_id.empty()) return false;
    if (std::find(requests_.begin(), requests_.end(), request_id) != requests_.end()) return true;
    requests_.push_back(request_id);
    if (requests_.size() > requests_max) requests_.pop_front();
    return false;
}

bool BreakdownQueue::add(Breakdown breakdown) {
    if (is_known(breakdown.request_id)) {
        // Whoever broke need not know the route; whoever answers does.
        for (auto& waits : waiting_) {
            bool same = waits.request_id == breakdown.request_id;
            if (same && waits.route.empty()) waits.route = breakdown.route;
        }
        return false;
    }
    if (kinds_.size() >= kinds_max) kinds_.clear();
    auto name = breakdown.module + '\n' + breakdown.message + '\n' + breakdown.route;
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
