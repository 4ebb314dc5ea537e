#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "keys.hpp"

namespace identity {

/// The content of the key file: `{"keys":[{"kid","d","x","created_at","signs_from"}]}`, the halves
/// of a key in base64url, times in RFC 3339.
std::string to_json(const KeySet& keys);
/// Nothing if it is damaged: no keys, halves of another length, an id twice, or out of order.
/// Whether the halves belong together is for those to check who can.
std::optional<KeySet> keys_from_json(std::string_view text);

/// The public halves as a JWK set (RFC 7517, RFC 8037).
std::string to_jwks(const KeySet& keys);

}  // namespace identity
