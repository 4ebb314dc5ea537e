#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "api_keys.hpp"
#include "base/cache.hpp"
#include "http/router.hpp"
#include "identity/module.hpp"
#include "keys_service.hpp"
#include "revocations.hpp"
#include "token.hpp"
#include "token_crypto.hpp"

namespace identity {

/// Who sent a request, by its bearer token, its API key or its session cookie; what stands in the
/// field Authorization wins. A signature is
/// checked once per token, then it is remembered (by its SHA-256, bounded); whether it has run out
/// or was revoked is looked at each time. Thread-safe, never blocks.
class AuthenticatorService final : public http::Authenticator {
public:
    static constexpr const char* cookie_name = "__Host-portal";
    static constexpr const char* session_path = "/v1/auth/session";

    AuthenticatorService(const KeysService& keys, const Revocations& revocations,
                         const KnownApiKeys& api_keys, const base::Clock& clock,
                         const Config& config, telemetry::Metrics& metrics,
                         PasswordRules rules = PasswordRules::full);

    /// Whether what is revoked is known: else nothing can be said of credentials of ours, and they
    /// are refused as it refuses. Once, before it is asked.
    void rests_on(std::function<base::Result<void>()> known) { is_known_ = std::move(known); }

    /// No credentials: nobody; so are those of another scheme than Bearer, which are somebody
    /// else's, and a cookie that counts no more, since a browser goes on sending it. A bad bearer
    /// token or API key: `invalid_token`, or `token_expired` (unauthenticated). A method that
    /// changes something needs with a cookie the field X-CSRF-Token besides, but for logging out:
    /// `csrf_token_missing`, `csrf_token_wrong` (forbidden).
    base::Result<base::Actor> authenticate(const http::Request& request) const override;

    /// What a good token says.
    struct Verified {
        TokenKind kind = TokenKind::access;
        UserId user = 0;
        base::Role role = base::Role::anonymous;
        std::int64_t epoch = 0;
        std::int64_t family = 0;
        std::int64_t expires = 0;
        std::string csrf{};        ///< SHA-256 of its CSRF token, in base64url
        std::string csrf_token{};  ///< of a session; empty if it was issued with a random one
    };
    using Known = std::shared_ptr<const Verified>;
    /// Refused with `invalid_token` or `token_expired`, and see rests_on().
    base::Result<Known> verify(std::string_view token, TokenKind kind) const;

private:
    struct DigestHash {
        std::size_t operator()(const Digest& digest) const {
            std::size_t value = 0;
            std::memcpy(&value, digest.data(), sizeof(value));
            return value;
        }
    };
    base::Result<base::Actor> by_authorization(const http::Request& request,
                                               std::string_view token) const;
    base::Result<Known> verify_anew(std::string_view token, TokenKind kind, base::Time now) const;
    base::Result<base::Actor> by_cookie(const http::Request& request, std::string_view token) const;

    const KeysService& keys_;
    const Revocations& revocations_;
    const KnownApiKeys& api_keys_;
    const base::Clock& clock_;
    const Expected access_;
    const Expected session_;
    std::function<base::Result<void>()> is_known_ = [] { return base::Result<void>(); };
    mutable base::Cache<Digest, Known, DigestHash> known_;
    telemetry::Counter& remembered_;
    telemetry::Counter& checked_;
    telemetry::Counter& refused_;
};

}  // namespace identity
