#pragma once

#include <string>
#include <string_view>

namespace base {

// Keyed hashes, and what goes with them. Pure but for make_signing_key(); thread-safe.

/// HMAC-SHA-256 (RFC 2104): the 32 bytes that only who has the key can make of the text. Throws
/// std::bad_alloc without memory.
std::string hmac_sha256(std::string_view key, std::string_view text);

/// Takes a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// A fresh key of 32 random bytes of the kernel, in hexadecimal.
std::string make_signing_key();

}  // namespace base
