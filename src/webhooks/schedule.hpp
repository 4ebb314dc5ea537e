#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

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

/// How long a target wants to be left alone, as its Retry-After has it in seconds, at most `most`.
/// A date, or what is no number, says nothing: 0.
std::chrono::milliseconds asked_wait(std::string_view retry_after, std::chrono::milliseconds most);

/// How long to wait before that retry of a target that wants to be left alone for `asked`: up to a
/// tenth longer than that, and never less.
std::chrono::milliseconds wait_after(const Retries& retries, std::int64_t retry,
                                     std::chrono::milliseconds asked, std::uint64_t seed);

/// How many deliveries may be under way.
struct Places {
    std::size_t each = 4;  ///< to one webhook
    std::size_t all = 64;
};

/// Whether one more may be sent to a webhook that has `own` under way, where `all` are. `idle`:
/// webhooks that have none. A place is kept for each of these, so that nobody who hangs can take
/// the last.
bool has_place(const Places& places, std::size_t own, std::size_t all, std::size_t idle);

/// Numbers by news type.
using TypeCounts = std::map<std::string, std::int64_t>;

/// How many more deliveries of that type a webhook may have waiting, of `most`. `waiting`: what
/// there is of each type that it wants. Half of `most` is kept for its types, for each as many, so
/// that one that cannot be sent now does not take the places of the others.
std::int64_t room_for(const TypeCounts& waiting, const std::string& news_type, std::int64_t most);

}  // namespace webhooks
