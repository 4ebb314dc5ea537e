#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace identity {

/// What hashing a password costs (Argon2id, one lane).
struct PasswordCost {
    std::int64_t memory_kib = 19456;
    std::int64_t passes = 2;
    std::int64_t legacy_iterations_max = 2000000;
};

/// Of the password in normalisation form C, whichever way it was typed: a PHC text,
/// `$argon2id$v=19$m=…,t=…,p=1$salt$hash`. Takes tens of milliseconds and the memory
/// that `cost` says. Throws std::bad_alloc if that cannot be had.
std::string hash_password(std::string_view password, const PasswordCost& cost);

/// Whether a password is the right one, and what to store instead of its hash if that is of an
/// older kind or cost.
struct PasswordMatch {
    bool right = false;
    std::optional<std::string> better_hash{};
};

/// Against a PHC text, or Django's `pbkdf2_sha256$iterations$salt$hash`. As slow as hash_password
/// at least, also for a wrong password: the kind of a hash does not show. A text of another form
/// matches nothing. A password that is not in form C is tried in that form, and as it is: hashes
/// from before were made of the bytes as they came.
PasswordMatch match_password(std::string_view password, const std::string& stored,
                             const PasswordCost& cost);

/// Only the older kind. Nothing for a text of another form or with too many iterations.
std::optional<bool> match_legacy(std::string_view password, std::string_view stored,
                                 std::int64_t iterations_max);

}  // namespace identity
