#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "token.hpp"

namespace identity {

/// What the header of a token says: the one algorithm that there is, and these.
struct TokenHeader {
    std::string key_id;
    TokenKind kind = TokenKind::access;
};

/// `{"alg":"EdDSA","typ":…,"kid":…}`
std::string to_json(const TokenHeader& header);
/// Nothing unless it has exactly these three members, once each, as to_json() would write them:
/// another algorithm, `crit`, `jku`, `jwk` and the like are refused and never looked at.
std::optional<TokenHeader> header_from_json(std::string_view text);

std::string to_json(const Claims& claims);
/// Nothing if a member is missing, of another type, or twice there. Unknown ones are ignored.
std::optional<Claims> claims_from_json(std::string_view text);

}  // namespace identity
