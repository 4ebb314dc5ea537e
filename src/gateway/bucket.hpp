#pragma once

#include <cstdint>
#include <string_view>

namespace gateway {

/// SipHash-2-4 (Aumasson, Bernstein, 2012) of `salt`, a byte 0 and `key`, under the fixed key
/// `portal-gateway-1`: the same after every start, on every machine and in every version. Pure,
/// allocates nothing.
std::uint64_t stable_hash(std::string_view salt, std::string_view key);

/// Which of ten thousand buckets a client is in, by the group of a route and what tells clients
/// apart. Routes of one group share their buckets, so one person's pages come from one side.
std::uint32_t bucket_of(std::string_view group, std::string_view key);

/// Whether a share of `percent` covers a bucket: what it covers, every larger one covers too, so
/// raising a share only adds people.
constexpr bool covers(std::int64_t percent, std::uint32_t bucket) {
    return bucket < static_cast<std::uint64_t>(percent) * 100;
}

}  // namespace gateway
