#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "public_keys_crypto.hpp"
#include "signing_crypto.hpp"

namespace legacy {

/// A token as its header says it is signed; nothing is verified.
struct SignedToken {
    enum class Algorithm { hs256, rs256 };

    std::string_view text;
    Algorithm algorithm = Algorithm::hs256;
    std::string key_id{};  ///< its `kid`; empty: it names none
};

/// What such tokens are checked with, each kind of key by its own algorithm and no other.
struct TokenKeys {
    SecretKeys secrets{};  ///< HS256
    PublicKeys publics{};  ///< RS256
    /// RS256 also counts where there is none: they are to be asked for.
    bool publics_come = false;
};

/// What follows `Bearer ` in an Authorization field, if it is a token whose header names an
/// algorithm of which there is a key: by neither of them a token of ours is signed. Nothing for all
/// else. Points into `authorization`. Pure.
std::optional<SignedToken> signed_bearer(std::string_view authorization, const TokenKeys& keys);

/// Whose access token of djangorestframework-simplejwt that is: the primary key, as text. Signed
/// with one of the keys; of public ones with that of its `kid`, if it names one. Refused
/// (unauthenticated) with `invalid_token`, or `token_expired`. `now`: seconds since 1970. Pure.
base::Result<std::string> read_simple_jwt(const SignedToken& token, const TokenKeys& keys,
                                          std::int64_t now);

/// What follows `Token ` in an Authorization field, the key of a token of REST framework. Pure.
std::optional<std::string_view> framework_token(std::string_view authorization);

base::Error invalid_django_token();

}  // namespace legacy
