#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "django_hash.hpp"

namespace identity {

/// What hashing a password costs (Argon2id, one lane), and what checking one from elsewhere may.
struct PasswordCost {
    std::int64_t memory_kib = 19456;
    std::int64_t passes = 2;
    DjangoLimits django{};
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

/// Against our own PHC text or one of Django's (see parse_django_hash); a text of another form, or
/// one that the limits refuse, matches nothing. A password that is not in form C is tried in that
/// form, and as it is: hashes from elsewhere are made of the bytes as they came.
///
/// `decoy`: some hash of Django's, while there are any; else empty. A wrong password costs a check
/// of ours and one of Django's, whichever the account has, so the time does not tell them apart.
PasswordMatch match_password(std::string_view password, const std::string& stored,
                             const PasswordCost& cost, const std::string& decoy = {});

/// The most memory that these take.
std::int64_t hash_memory_bytes(const PasswordCost& cost);
std::int64_t match_memory_bytes(const std::string& stored, const PasswordCost& cost,
                                const std::string& decoy = {});

}  // namespace identity
