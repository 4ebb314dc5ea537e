#include "login_delay.hpp"

#include <algorithm>

namespace identity {

namespace {

constexpr int second_bits = 44;
constexpr std::uint64_t second_mask = (std::uint64_t{1} << second_bits) - 1;
constexpr std::int64_t failures_max = (std::int64_t{1} << 20) - 1;

struct State {
    std::int64_t failures = 0;
    std::int64_t last = 0;  ///< second since 1970
};

State unpack(std::uint64_t packed) {
    return {static_cast<std::int64_t>(packed >> second_bits),
            static_cast<std::int64_t>(packed & second_mask)};
}

std::uint64_t pack(State state) {
    auto failures = static_cast<std::uint64_t>(std::min(state.failures, failures_max));
    return (failures << second_bits) | (static_cast<std::uint64_t>(state.last) & second_mask);
}

State one_more(State state, std::int64_t second) {
    return {state.failures + 1, second};
}

}  // namespace

std::chrono::seconds wait_after(std::int64_t failures, const DelayRule& rule) {
    auto doublings = failures - rule.free - 1;
    if (doublings < 0) return std::chrono::seconds(0);
    // 2^17 s is more than the day that `most` may be at most.
    if (doublings > 17) return rule.most;
    return std::min(rule.most, std::chrono::seconds(std::int64_t{1} << doublings));
}

std::shared_ptr<LoginDelay::Entry> LoginDelay::entry_of(const std::string& key) {
    for (int tries = 0; tries < 4; ++tries) {
        auto found = entries_.find(key);
        if (found) return *found;
        entries_.fill(key, std::make_shared<Entry>());
    }
    // Pushed out as fast as it is put in: the table is under attack and this key was not in it.
    return std::make_shared<Entry>();
}

LoginDelay::Attempt LoginDelay::begin(const std::string& key, base::Time now) {
    auto second = base::to_micros(now) / 1000000;
    auto entry = entry_of(key);
    auto seen = entry->state.load();
    for (;;) {
        auto state = unpack(seen);
        auto wait = wait_after(state.failures, rule_);
        auto over = state.last + wait.count();
        if (state.failures > 0 && second > over + rule_.most.count()) {
            if (!entry->state.compare_exchange_weak(seen, 0)) continue;
            seen = 0;
            continue;
        }
        if (wait.count() == 0) return Attempt(std::move(entry), second, wait);
        if (second < over) return Attempt(nullptr, second, std::chrono::seconds(over - second));
        auto counted = pack(one_more(state, second));
        if (!entry->state.compare_exchange_weak(seen, counted)) continue;
        Attempt attempt(std::move(entry), second, std::chrono::seconds(0));
        attempt.before_ = seen;
        attempt.counted_ = counted;
        return attempt;
    }
}

LoginDelay::Attempt::~Attempt() {
    if (!entry_ || !before_) return;
    // If others failed meanwhile, theirs stand.
    auto expected = counted_;
    entry_->state.compare_exchange_strong(expected, *before_);
}

void LoginDelay::Attempt::failed() {
    auto entry = std::exchange(entry_, nullptr);
    if (!entry || before_) return;
    auto seen = entry->state.load();
    while (!entry->state.compare_exchange_weak(seen, pack(one_more(unpack(seen), second_)))) {
    }
}

void LoginDelay::Attempt::forgive() {
    auto entry = std::exchange(entry_, nullptr);
    if (entry) entry->state.store(0);
}

}  // namespace identity
