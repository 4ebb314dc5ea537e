#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace support {

/// A clock that stands still until a test moves it. Thread-safe.
class FakeClock final : public base::Clock {
public:
    explicit FakeClock(const char* start = "2026-03-01T12:00:00Z")
        : micros_(base::to_micros(*base::parse_rfc3339(start))) {}

    base::Time now() const override { return base::from_micros(micros_.load()); }
    void advance(std::chrono::microseconds span) { micros_ += span.count(); }

private:
    std::atomic<std::int64_t> micros_;
};

}  // namespace support
