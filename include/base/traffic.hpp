#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace base {

/// What was counted lately.
struct TrafficCounts {
    std::int64_t hour = 0;  ///< answers in the last 60 minutes, this one with them
    std::int64_t day = 0;
    /// Of the last hour, within a tenth; nothing if there was no answer.
    std::optional<std::chrono::microseconds> p50{};
    std::optional<std::chrono::microseconds> p99{};
};

/// Counts answers by the minute and how long they took. About 16 KiB, and never more. Thread-safe
/// without a lock: where a minute begins, an answer that another thread counts at the same moment
/// may be lost.
class Traffic {
public:
    using Moment = Clock::Moment;

    /// `took`: nothing for what says nothing of how fast answers are.
    void add(Moment now, std::optional<std::chrono::microseconds> took);
    TrafficCounts read(Moment now) const;

private:
    static constexpr std::size_t minutes = 24 * 60;
    /// How long things take is kept for ten minutes each: six of them, and the one under way.
    static constexpr std::size_t spans = 7;
    static constexpr std::int64_t minutes_per_span = 10;
    /// Four buckets for each doubling, from 16 µs to two minutes.
    static constexpr std::size_t buckets = 4 * 23;

    struct Span {
        std::atomic<std::int64_t> number{0};
        std::array<std::atomic<std::uint32_t>, buckets> counts{};
    };

    static std::size_t bucket_of(std::chrono::microseconds took);
    static std::chrono::microseconds middle_of(std::size_t bucket);

    /// The number of the minute in the upper half, how many in the lower.
    std::array<std::atomic<std::uint64_t>, minutes> by_minute_{};
    std::array<Span, spans> spans_{};
};

}  // namespace base
