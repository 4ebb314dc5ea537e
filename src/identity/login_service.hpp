#pragma once

#include <cstddef>
#include <string>

#include "account_store.hpp"
#include "audit_store.hpp"
#include "identity/module.hpp"
#include "keys_service.hpp"
#include "login_delay.hpp"
#include "login_rules.hpp"
#include "password_crypto.hpp"
#include "password_pool.hpp"
#include "revocations.hpp"

namespace identity {

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

/// By which an account's failed logins are counted, 32 bytes; an address and a login name never
/// have the same.
std::string delay_key_of(const Credentials& credentials);

/// By whom a client's failed logins are counted: an IPv4 address, or an IPv6 network of 64 bits,
/// since one client has all of that. Empty (a unix socket): not counted.
std::string client_key_of(const std::string& peer);

/// Who asks, as far as two requests can be told to come from the same client: its address and its
/// User-Agent. Empty without an address: then nothing can be told.
std::string client_trace_of(const std::string& peer, std::string_view user_agent);

/// Logins, from the password to the last refresh token. Thread-safe. Whoever gives wrong
/// credentials hears `wrong_credentials` (unauthenticated), and in the same time: whether the
/// address or name is unknown, the password wrong, or the account not active.
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
        PasswordRules rules = PasswordRules::full;
    };
    /// `dummy_hash`: what the password of an unknown address is compared with, and of an account
    /// that may not log in.
    LoginService(Parts parts, const Config& config, PasswordCost cost,
                 std::chrono::seconds token_life, std::string dummy_hash);

    /// `peer`: the client's address. Refused besides with `login_delayed` (too_many).
    base::Task<Tokens> log_in(Credentials credentials, std::string peer, base::Context context);
    /// A new pair for a refresh token, which is used up by that. The same client (see
    /// client_trace_of) that shows it again soon, before it has used the pair, is given the same
    /// once more: two tabs of a browser may refresh at once. Refused with `invalid_refresh_token`;
    /// any other second use of one ends all that came of its login.
    base::Task<Tokens> refresh(std::string refresh_token, std::string client,
                               base::Context context);
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
        Credentials::By by = Credentials::By::email;
    };
    /// Who has the name, and a hash that a wrong password is checked against too: match_password().
    struct Found {
        std::optional<StoredAccount> account{};
        std::string decoy{};
    };
    /// When a token was issued, and its `jti`.
    struct Stamp {
        base::Time issued{};
        std::string id{};
    };
    /// What a refresh token is exchanged for: the next one, and what makes its access token the
    /// same however often it is issued. In memory only.
    struct Successor {
        std::string client;
        std::string refresh_token;
        std::string hash;
        Stamp stamp;
    };
    struct Rotation {
        enum class Outcome { unknown, reused, rotated } outcome = Outcome::unknown;
        StoredAccount account{};
        std::int64_t family = 0;
        Successor successor{};
    };
    struct Outcomes {
        telemetry::Counter* good;
        telemetry::Counter* wrong;
        telemetry::Counter* delayed;
        telemetry::Counter* unavailable;
        telemetry::Counter* reused;
    };

    /// Whether its password was set in open mode, and now the rules hold.
    bool is_shut_out(const StoredAccount& account) const;
    /// Whether somebody who knows the password may log in with it.
    bool may_log_in(const StoredAccount& account) const;
    base::Task<Proven> prove(Credentials credentials, std::string peer, base::Context context);
    base::Task<Found> find(Credentials credentials, base::Context context) const;
    /// What is told once of an account that nobody can log in to: its hash is of a kind that is not
    /// checked, or it is_shut_out().
    void note_barred(const StoredAccount& account, const std::string& request_id);
    base::Task<StoredAccount> store_login(Proven proven, std::string hash, std::int64_t family,
                                          base::Context context);
    base::Task<Rotation> rotate(std::string hash, Successor successor, base::Context context);
    /// What the same client was given for that token just now; nothing if it must not have it.
    std::optional<Successor> repeated(database::ReadTransaction& transaction,
                                      const std::string& hash, const Successor& asked);
    Stamp new_stamp() const;
    base::Task<void> store_better_hash(Proven proven, base::Context context);
    /// A login that changes nothing else, if logins are recorded.
    base::Task<void> record_login(Event event, base::Context context);

    Claims claims_of(const StoredAccount& account, std::int64_t family, std::chrono::seconds life,
                     Stamp stamp) const;
    Tokens tokens_of(const StoredAccount& account, std::int64_t family, std::string refresh_token,
                     Stamp stamp) const;
    Revocation revocation_of(std::int64_t family, base::Time now) const;

    Parts parts_;
    const std::string issuer_;
    const std::string audience_;
    const std::chrono::seconds access_life_;
    const std::chrono::seconds refresh_life_;
    const std::chrono::seconds session_life_;
    const std::chrono::seconds token_life_;
    const std::chrono::seconds refresh_repeat_;
    const PasswordCost cost_;
    const std::string dummy_hash_;
    LoginDelay by_account_;
    LoginDelay by_client_;
    base::Cache<UserId, bool> told_barred_;
    /// By the hash of the token that was exchanged.
    base::Cache<std::string, Successor> successors_;
    Outcomes outcomes_;
};

}  // namespace identity
