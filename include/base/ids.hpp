#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace base {

/// 64 random bits from the kernel (getrandom), buffered per thread.
std::uint64_t random_bits();

/// A news id: 32 bits of seconds since 2020 and 21 random bits, so that ids sort by creation time,
/// stay below 2^53 and cannot be counted through. A collision is caught by a unique index and the
/// caller tries again with another one.
std::int64_t make_news_id(Time now, std::uint64_t random);

/// A user id: 53 random bits, never 0.
std::int64_t make_user_id(std::uint64_t random);

/// A UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits, as 36 characters.
std::string make_uuid_v7(Time now);
/// What those begin with that are made in the millisecond of `time`: the ids of all earlier ones
/// are smaller, as text, than this.
std::string uuid_v7_prefix(Time time);

/// `bytes` in lower-case hexadecimal.
std::string to_hex(const unsigned char* bytes, std::size_t count);

}  // namespace base
