#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// An access token travels in the Authorization field, a session token in a browser's cookie. One
/// is never taken for the other.
enum class TokenKind { access, session };

/// The `typ` of its header.
std::string_view token_type_of(TokenKind kind);

/// What a token says. Times are whole seconds since 1970.
struct Claims {
    std::string issuer;
    std::string audience;
    UserId user = 0;           ///< `sub`, as text
    std::int64_t expires = 0;  ///< `exp`
    std::int64_t issued = 0;   ///< `iat`
    std::optional<std::int64_t> not_before{};
    std::string id;  ///< `jti`
    base::Role role = base::Role::reader;
    std::int64_t epoch = 0;   ///< of the account when it was issued
    std::int64_t family = 0;  ///< `sid`, as text: the login that it goes back to
    std::string csrf{};       ///< of a session: SHA-256 of the CSRF token, in base64url
    bool open_mode = false;   ///< `open`: issued in open mode, where any password will do
};

/// The parts of a compact JWS (RFC 7515), decoded. `signed_part` points into the token.
struct TokenParts {
    std::string header;
    std::string payload;
    std::string signature;
    std::string_view signed_part;
};

inline constexpr std::size_t token_bytes_max = 4096;

/// Takes a token apart: three parts that are canonical base64url without padding, 4 KiB at most.
/// Nothing for any other text.
std::optional<TokenParts> split_token(std::string_view token);

/// `header` and `payload` (JSON) as what is to be signed.
std::string signing_input(std::string_view header, std::string_view payload);

/// What a token must say to be for us.
struct Expected {
    std::string issuer;
    std::string audience;
    std::chrono::seconds life;  ///< none may live longer
    std::chrono::seconds skew;  ///< by how much clocks may differ
    PasswordRules rules = PasswordRules::full;
};

enum class Verdict { good, expired, bad };

/// Whether the claims of a token of that kind, whose signature is good, hold now.
Verdict judge(const Claims& claims, TokenKind kind, const Expected& expected, base::Time now);

/// What follows `Bearer` and one space in an Authorization field, the scheme in any case; empty if
/// nothing does, and nothing for other schemes.
std::optional<std::string_view> bearer_of(std::string_view authorization);

}  // namespace identity
