#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cache.hpp"
#include "base/clock.hpp"
#include "identity/imports.hpp"
#include "legacy/session_config.hpp"
#include "legacy/sessions.hpp"
#include "login_traffic.hpp"
#include "public_keys_service.hpp"
#include "session_json.hpp"
#include "signing_crypto.hpp"
#include "simple_jwt_json.hpp"
#include "telemetry/metrics.hpp"
#include "whoami_service.hpp"

namespace legacy {

/// The keys of a Django site that logins are checked with; empty where none is.
struct SessionKeys {
    SecretKeys cookies{};
    TokenKeys tokens{};
};

/// Reads the files that `config` names. Refused as read_secret_keys() is.
base::Result<SessionKeys> read_session_keys(const SessionConfig& config);

/// See Sessions.
class SessionsService final : public Sessions {
public:
    /// What it works with; all of it outlives it.
    struct Parts {
        Proxy& proxy;
        const identity::Imports& imports;
        const base::Clock& clock;
        telemetry::Metrics& metrics;
        LoginTraffic& traffic;
        PublicKeysService* publics;  ///< null: no address tells keys
    };

    SessionsService(Parts parts, const SessionConfig& config, SessionKeys keys,
                    std::shared_ptr<const http::Authenticator> own);

    base::Result<base::Actor> authenticate(const http::Request& request) const override;
    std::optional<http::Response> before(http::Request&) const override { return std::nullopt; }
    bool must_wait(const http::Request& request) const override;
    base::Task<std::optional<http::Response>> before_waiting(http::Request& request) const override;

private:
    using Source = std::optional<identity::KnownSource>;

    std::int64_t second() const { return base::to_micros(parts_.clock.now()) / 1000000; }
    std::optional<std::string_view> cookie_of(const http::Request& request) const;
    std::optional<std::string_view> token_line(const http::Request& request) const;
    std::optional<std::string_view> key_in(std::string_view authorization) const;
    base::Result<void> check_csrf(const http::Request& request) const;
    std::vector<std::string_view> cookies_to_end(const http::Request& request) const;
    base::Task<void> log_out(http::Request& request) const;
    void remember_as_ended(const std::string& cookie) const;
    std::string clearing_line(const http::Request& request) const;
    base::Task<std::optional<base::Actor>> by_token(const http::Request& request) const;
    base::Task<std::string> user_of(SignedToken token) const;
    base::Result<std::optional<base::Actor>> owner_of_token(const base::Result<Source>& source,
                                                            LoginKind kind) const;
    LoginKind cookie_kind() const;
    base::Task<Source> by_cookie(const http::Request& request, std::string cookie) const;
    base::Task<Source> by_signed_cookie(const http::Request& request, std::string cookie) const;
    base::Task<Source> known(std::string source, base::Context context) const;
    static base::Result<Source> who_may(base::Result<Source> found);
    void count_known(LoginKind kind) const;
    telemetry::Counter& counter(const char* outcome) const;
    telemetry::Counter& logouts(const char* outcome) const;

    const Parts parts_;
    const SessionConfig config_;
    const SessionKeys keys_;
    const std::int64_t tokens_end_;  ///< seconds since 1970; 0: they do not count
    const std::shared_ptr<const http::Authenticator> own_;
    mutable WhoamiService whoami_;
    mutable base::Cache<Digest, bool, DigestHash> ended_;  ///< cookies, by their SHA-256
    telemetry::Counter& known_;
    telemetry::Counter& nobody_;
    telemetry::Counter& unknown_;
    telemetry::Counter& logged_out_;
    telemetry::Counter& logout_unfinished_;
};

}  // namespace legacy
