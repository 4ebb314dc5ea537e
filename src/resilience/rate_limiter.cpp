#include "resilience/rate_limiter.hpp"

#include <algorithm>

namespace resilience {

namespace {

using std::chrono::nanoseconds;

nanoseconds interval_of(const Rate& rate) {
    return nanoseconds(rate.span) / rate.count;
}

/// How far ahead of `now` the bucket's full time may be for one more to fit.
nanoseconds room_of(const Rate& rate) {
    return nanoseconds(rate.span) - interval_of(rate);
}

}  // namespace

RateLimiter::Verdict RateLimiter::take(const std::string& key, Time now) {
    Verdict verdict;
    if (!limits()) return verdict;
    keys_.change(key, [&](Full& full) {
        for (std::size_t i = 0; i < rates_.size(); ++i) {
            if (rates_[i].count <= 0) continue;
            auto ahead = std::max(full[i], now) - now;
            auto wait = ahead - room_of(rates_[i]);
            if (wait <= nanoseconds(0)) continue;
            verdict.allowed = false;
            if (wait <= verdict.wait) continue;
            verdict.wait = wait;
            verdict.reset = ahead;
            verdict.rate = rates_[i];
        }
        if (!verdict.allowed) return;
        for (std::size_t i = 0; i < rates_.size(); ++i) {
            if (rates_[i].count <= 0) continue;
            full[i] = std::max(full[i], now) + interval_of(rates_[i]);
            auto ahead = full[i] - now;
            auto remaining = (nanoseconds(rates_[i].span) - ahead) / interval_of(rates_[i]);
            if (verdict.rate.count > 0 && remaining >= verdict.remaining) continue;
            verdict.remaining = remaining;
            verdict.reset = ahead;
            verdict.rate = rates_[i];
        }
    });
    return verdict;
}

}  // namespace resilience
