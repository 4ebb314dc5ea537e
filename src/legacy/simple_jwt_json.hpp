#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "signing_crypto.hpp"

namespace legacy {

/// What follows `Bearer ` in an Authorization field, if it is a token whose header names HS256, by
/// which no token of ours is signed. Nothing for all else. Pure.
std::optional<std::string_view> hs256_bearer(std::string_view authorization);

/// Whose access token of djangorestframework-simplejwt that is: the primary key, as text. Signed by
/// HS256 with one of the keys, whatever else its header names; refused (unauthenticated) with
/// `invalid_token`, or `token_expired`. `now`: seconds since 1970. Pure.
base::Result<std::string> read_simple_jwt(std::string_view token, const SecretKeys& keys,
                                          std::int64_t now);

base::Error invalid_django_token();

}  // namespace legacy
