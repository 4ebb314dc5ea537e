#include "base/traffic.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace base {

namespace {

/// From 1, so that a place that was never used is of no minute.
std::int64_t minute_of(Traffic::Moment now) {
    return std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count() + 1;
}

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

/// The two bits below the highest one say which quarter of its doubling it is in.
std::size_t Traffic::bucket_of(std::chrono::microseconds took) {
    auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 16));
    auto doubling = static_cast<std::size_t>(std::bit_width(value)) - 1;
    auto quarter = static_cast<std::size_t>((value >> (doubling - 2)) & 3);
    return std::min(4 * (doubling - 4) + quarter, buckets - 1);
}

std::chrono::microseconds Traffic::middle_of(std::size_t bucket) {
    auto doubling = static_cast<double>(std::uint64_t{1} << (bucket / 4 + 4));
    auto quarter = static_cast<double>(bucket % 4);
    return std::chrono::microseconds(std::llround(doubling * (1 + (quarter + 0.5) / 4)));
}

void Traffic::add(Moment now, std::optional<std::chrono::microseconds> took) {
    auto minute = minute_of(now);
    auto& place = by_minute_[static_cast<std::size_t>(minute) % minutes];
    auto first = static_cast<std::uint64_t>(minute) << 32 | 1;
    for (auto seen = place.load(relaxed);;) {
        bool same = static_cast<std::int64_t>(seen >> 32) == minute;
        if (place.compare_exchange_weak(seen, same ? seen + 1 : first, relaxed)) break;
    }
    if (!took) return;
    auto number = minute / minutes_per_span + 1;
    auto& span = spans_[static_cast<std::size_t>(number) % spans];
    auto before = span.number.load(relaxed);
    if (before != number && span.number.compare_exchange_strong(before, number, relaxed)) {
        for (auto& count : span.counts) count.store(0, relaxed);
    }
    span.counts[bucket_of(*took)].fetch_add(1, relaxed);
}

TrafficCounts Traffic::read(Moment now) const {
    TrafficCounts all;
    auto minute = minute_of(now);
    for (const auto& place : by_minute_) {
        auto seen = place.load(relaxed);
        auto age = minute - static_cast<std::int64_t>(seen >> 32);
        auto count = static_cast<std::int64_t>(seen & 0xffffffff);
        if (age >= 0 && age < 60) all.hour += count;
        if (age >= 0 && age < std::int64_t{minutes}) all.day += count;
    }
    std::array<std::uint64_t, buckets> counts{};
    std::uint64_t total = 0;
    auto number = minute / minutes_per_span + 1;
    for (const auto& span : spans_) {
        auto age = number - span.number.load(relaxed);
        if (age < 0 || age >= std::int64_t{spans}) continue;
        for (std::size_t i = 0; i < buckets; ++i) {
            auto count = span.counts[i].load(relaxed);
            counts[i] += count;
            total += count;
        }
    }
    auto at = [&](std::uint64_t hundredth) {
        auto rank = (total * hundredth + 99) / 100;
        std::uint64_t passed = 0;
        std::size_t bucket = 0;
        while (bucket < buckets && (passed += counts[bucket]) < rank) ++bucket;
        return middle_of(std::min(bucket, buckets - 1));
    };
    if (total > 0) {
        all.p50 = at(50);
        all.p99 = at(99);
    }
    return all;
}

}  // namespace base
