#pragma once

#include <cstddef>
#include <string>

#include "account_store.hpp"
#include "audit_store.hpp"
#include "identity/module.hpp"
#include "keys_service.hpp"
#include "login_delay.hpp"
#include "password_crypto.hpp"
#include "password_pool.hpp"
#include "revocations.hpp"

namespace identity {

/// What somebody shows to prove who they are.
struct Credentials {
    std::string email;
    std::string password;
};

/// What a client gets for it.
struct Tokens {
    std::string access_token;
    std::string refresh_token;
    std::chrono::seconds expires_in{0};  ///< of the access token
};

/// What a browser gets for it.
struct BrowserSession {
    std::string token;  ///< the cookie's value
    std::string csrf_token;
    UserId id = 0;
    base::Role role = base::Role::reader;
    std::chrono::seconds expires_in{0};
};

/// By whom a client's failed logins are counted: an IPv4 address, or an IPv6 network of 64 bits,
/// since one client has all of that. Empty (a unix socket): not counted.
std::string client_key_of(const std::string& peer);

/// Logins, from the password to the last refresh token. Thread-safe. Whoever gives wrong
/// credentials hears `wrong_credentials` (unauthenticated), and in the same time: whether the
/// address is unknown, the password wrong, or the account not active.
class LoginService {
public:
    /// What it works on; all outlive it.
    struct Parts {
        database::Database& database;
        AuditStore& audit;
        PasswordPool& pool;
        Revocations& revocations;
        const KeysService& keys;
        const base::Clock& clock;
        telemetry::Metrics& metrics;
    };
    /// `dummy_hash`: what the password of an unknown address is compared with.
    LoginService(Parts parts, const Config& config, PasswordCost cost,
                 std::chrono::seconds token_life, std::string dummy_hash);

    /// `peer`: the client's address. Refused besides with `login_delayed` (too_many).
    base::Task<Tokens> log_in(Credentials credentials, std::string peer, base::Context context);
    /// A new pair for a refresh token, which is used up by that. Refused with
    /// `invalid_refresh_token`; the second use of one ends all that came of its login.
    base::Task<Tokens> refresh(std::string refresh_token, base::Context context);
    /// Ends all that came of the refresh token's login. An unknown one: nothing.
    base::Task<void> log_out(std::string refresh_token, base::Context context);

    /// As log_in().
    base::Task<BrowserSession> start_session(Credentials credentials, std::string peer,
                                             base::Context context);
    /// Ends a login by its family.
    base::Task<void> end(std::int64_t family, UserId user, base::Context context);

private:
    /// An account whose password was given, and its new hash if it needs one.
    struct Proven {
        StoredAccount account;
        std::optional<std::string> better_hash{};
    };
    struct Rotation {
        enum class Outcome { unknown, reused, rotated } outcome = Outcome::unknown;
        StoredAccount account{};
        std::int64_t family = 0;
    };
    struct Outcomes {
        telemetry::Counter* good;
        telemetry::Counter* wrong;
        telemetry::Counter* delayed;
        telemetry::Counter* unavailable;
        telemetry::Counter* reused;
    };

    base::Task<Proven> prove(Credentials credentials, std::string peer, base::Context context);
    base::Task<std::optional<StoredAccount>> find(std::string email_key,
                                                  base::Context context) const;
    base::Task<StoredAccount> store_login(Proven proven, std::string hash, std::int64_t family,
                                          base::Context context);
    base::Task<Rotation> rotate(std::string hash, std::string next_hash, base::Context context);
    base::Task<void> store_better_hash(Proven proven, base::Context context);
    /// A login that changes nothing else, if logins are recorded.
    base::Task<void> record_login(Event event, base::Context context);

    Claims claims_of(const StoredAccount& account, std::int64_t family,
                     std::chrono::seconds life) const;
    Tokens tokens_of(const StoredAccount& account, std::int64_t family,
                     std::string refresh_token) const;
    Revocation revocation_of(std::int64_t family, base::Time now) const;

    Parts parts_;
    const std::string issuer_;
    const std::string audience_;
    const std::chrono::seconds access_life_;
    const std::chrono::seconds refresh_life_;
    const std::chrono::seconds session_life_;
    const std::chrono::seconds token_life_;
    const PasswordCost cost_;
    const std::string dummy_hash_;
    LoginDelay by_account_;
    LoginDelay by_client_;
    Outcomes outcomes_;
};

}  // namespace identity
