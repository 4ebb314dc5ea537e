#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace identity {

/// A key that signs tokens, or that did.
struct SigningKey {
    std::string id;
    std::string seed;        ///< secret, 32 bytes
    std::string public_key;  ///< 32 bytes
    base::Time created_at{};
    base::Time signs_from{};  ///< published before, so that whoever verifies knows it in time
};

/// All keys that a token may be signed with, oldest first; never empty. Immutable once shared.
using KeySet = std::vector<SigningKey>;

/// How long before its first signature a key is published.
inline constexpr std::chrono::hours key_notice{1};

/// The key that signs now: the newest that may.
const SigningKey& signing_key(const KeySet& keys, base::Time now);

/// Null if there is none of that id.
const SigningKey* find_key(const KeySet& keys, std::string_view id);

/// Whether it is time for a successor: the newest key is older than `key_life`.
bool needs_successor(const KeySet& keys, base::Time now, std::chrono::seconds key_life);

/// Without the keys whose successor has signed for longer than a token lives: nothing that they
/// signed can be alive.
KeySet without_spent(KeySet keys, base::Time now, std::chrono::seconds token_life);

}  // namespace identity
