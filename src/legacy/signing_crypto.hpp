#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace legacy {

/// SECRET_KEY of a Django site, then its SECRET_KEY_FALLBACKS.
using SecretKeys = std::vector<std::string>;

using Digest = std::array<unsigned char, 32>;
Digest sha256(std::string_view text);
/// For a table of them.
struct DigestHash {
    std::size_t operator()(const Digest& digest) const {
        std::size_t value = 0;
        std::memcpy(&value, digest.data(), sizeof(value));
        return value;
    }
};

/// The 32 bytes of Django's salted_hmac(): HMAC-SHA256 with SHA-256 of salt and key as its key.
/// Pure.
std::string salted_hmac(std::string_view salt, std::string_view key, std::string_view text);

/// What django.core.signing.loads() gives before its serializer: the content of
/// `[.]BASE64URL:TIME:SIGNATURE` (a dot in front: zlib) that one of the keys has signed, not more
/// than `age_max` before `now` (seconds since 1970). Nothing for any other text, and for content of
/// more than `bytes_max`, which is not unpacked further. Pure.
std::optional<std::string> unsigned_content(std::string_view text, std::string_view salt,
                                            const SecretKeys& keys, std::int64_t now,
                                            std::chrono::seconds age_max, std::size_t bytes_max);

}  // namespace legacy
