#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace identity {

/// How Django made a hash: its hashers, but for the one that leaves it to the machine (`crypt`).
enum class Hasher { pbkdf2_sha256, pbkdf2_sha1, argon2, bcrypt, bcrypt_sha256, scrypt, sha1, md5 };

/// What checking one hash may cost, and whether the kinds that protect nobody are checked at all: a
/// text from elsewhere says itself how much work it is.
struct DjangoLimits {
    std::int64_t iterations_max = 2000000;  ///< of PBKDF2
    std::int64_t memory_bytes_max = std::int64_t{256} << 20;
    bool weak = false;  ///< SHA-1 and MD5, salted or not
};

/// A password's text of Django's, taken apart.
struct DjangoHash {
    Hasher hasher = Hasher::pbkdf2_sha256;
    std::string salt{};             ///< the bytes as they stand in the text
    std::string expected{};         ///< the bytes of the hash
    std::string native{};           ///< argon2: the PHC text; bcrypt: what crypt(3) has made
    std::int64_t rounds = 0;        ///< iterations of PBKDF2, or the N of scrypt
    std::int64_t block = 0;         ///< the r of scrypt
    std::int64_t lanes = 0;         ///< the p of scrypt
    std::int64_t memory_bytes = 0;  ///< that a check takes
};

/// A text has at most so many bytes; Django's own column has room for 128.
constexpr std::size_t django_hash_bytes_max = 1024;

/// What `auth_user.password` holds. Pure. Refused, as a sentence that says nothing of the text,
/// with `password_unusable` (it begins with `!`, or is empty), `password_hasher_unknown`,
/// `password_damaged`, `password_too_costly` or `password_weak`. None takes much more than two
/// seconds of a core, but PBKDF2, which takes what `iterations_max` allows.
base::Result<DjangoHash> parse_django_hash(std::string_view text, const DjangoLimits& limits);

}  // namespace identity
