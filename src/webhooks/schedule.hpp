#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace webhooks {

/// When it is tried again what did not go well.
struct Retries {
    std::int64_t most = 10;
    std::chrono::milliseconds first{5000};
    std::chrono::milliseconds span{std::chrono::hours(24)};
};

// All pure.

/// How long to wait before the retry of that number, 1 to `most`: each time longer by the same
/// factor, so that all waits together are the span.
std::chrono::milliseconds wait_before(const Retries& retries, std::int64_t retry);

/// Up to a tenth more or less, so that what failed together is not tried together; the same for the
/// same seed.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds wait, std::uint64_t seed);

/// How many deliveries may be under way.
struct Places {
    std::size_t each = 4;  ///< to one webhook
    std::size_t all = 64;
};

/// Whether one more may be sent to a webhook that has `own` under way, where `all` are. `idle`:
/// webhooks that have none. A place is kept for each of these, so that nobody who hangs can take
/// the last.
bool has_place(const Places& places, std::size_t own, std::size_t all, std::size_t idle);

}  // namespace webhooks
