#include "login_service.hpp"

#include <boost/asio/ip/address.hpp>
#include <utility>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "event_json.hpp"
#include "telemetry/log.hpp"
#include "token_crypto.hpp"
#include "token_store.hpp"

namespace identity {

namespace {

constexpr std::size_t row_bytes = 512;
constexpr std::size_t token_bytes = 32, token_id_bytes = 12;
/// One office behind one address must not be slowed down by one person.
constexpr std::int64_t client_failures_factor = 10;
/// Longer than any name that has an account: what is longer is cut, and finds none.
constexpr std::size_t name_bytes_max = 1024;
constexpr std::size_t refresh_token_bytes_max = 128;

telemetry::Counter* login_counter(telemetry::Metrics& metrics, const char* outcome) {
    return &metrics.counter("portal_identity_logins_total", "Logins by their outcome.",
                            {{"outcome", outcome}});
}

}  // namespace

std::string client_key_of(const std::string& peer) {
    boost::system::error_code bad;
    auto address = boost::asio::ip::make_address(peer, bad);
    if (bad || !address.is_v6()) return peer;
    auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    }
    auto bytes = v6.to_bytes();
    return base::to_hex(bytes.data(), 8) + "/64";
}

LoginService::LoginService(Parts parts, const Config& config, PasswordCost cost,
                           std::chrono::seconds token_life, std::string dummy_hash)
    : parts_(parts),
      issuer_(config.issuer),
      audience_(config.audience),
      access_life_(config.access_life_s),
      refresh_life_(config.refresh_life_s),
      session_life_(config.session_life_s),
      token_life_(token_life),
      refresh_repeat_(config.refresh_repeat_s),
      cost_(cost),
      dummy_hash_(std::move(dummy_hash)),
      by_account_({config.failures_free, config.failure_delay_max_s},
                  static_cast<std::size_t>(config.failure_entries_max)),
      by_client_({config.failures_free * client_failures_factor, config.failure_delay_max_s},
                 static_cast<std::size_t>(config.failure_entries_max)),
      told_barred_(static_cast<std::size_t>(config.failure_entries_max)),
      successors_(static_cast<std::size_t>(config.refresh_repeats_max)),
      outcomes_{login_counter(parts.metrics, "success"), login_counter(parts.metrics, "wrong"),
                login_counter(parts.metrics, "delayed"),
                login_counter(parts.metrics, "unavailable"),
                &parts.metrics.counter("portal_identity_refresh_reused_total",
                                       "Refresh tokens that were used twice.")} {}

base::Task<LoginService::Found> LoginService::find(Credentials credentials,
                                                   base::Context context) const {
    auto work = [this, name = std::move(credentials.name), by = credentials.by](
                    database::ReadTransaction& transaction) -> base::Result<Found> {
        Found found;
        found.account = by == Credentials::By::email ? find_account(transaction, name)
                                                     : find_account_by_login(transaction, name);
        found.decoy = some_django_hash(transaction, cost_.django);
        return found;
    };
    co_return co_await parts_.database.read<Found>(context.deadline, std::move(work));
}

void LoginService::note_barred(const StoredAccount& account, const std::string& request_id) {
    auto hash = parse_django_hash(account.password, cost_.django);
    bool is_weak = !hash && hash.error().code == "password_weak";
    if (!is_weak && !is_shut_out(account)) return;
    bool told = false;
    told_barred_.change(account.id, [&](bool& before) { told = std::exchange(before, true); });
    if (told) return;
    // The client hears what everybody hears who gives wrong credentials.
    telemetry::log(telemetry::Level::warning, "identity",
                   is_weak ? "a login is refused: the password that came along is hashed in a way "
                             "that protects nobody, so an admin has to set another one (PUT "
                             "/v1/users/{id}), or identity.weak_legacy_hashes has to be on"
                           : "a login is refused: the password was set in open mode, so an admin "
                             "has to set another one (PUT /v1/users/{id})",
                   {{"user", account.id}}, request_id);
}

bool LoginService::is_shut_out(const StoredAccount& account) const {
    return account.open_password && parts_.rules == PasswordRules::full;
}

bool LoginService::may_log_in(const StoredAccount& account) const {
    return account.status == Status::active && !is_shut_out(account);
}

base::Task<LoginService::Proven> LoginService::prove(Credentials credentials, std::string peer,
                                                     base::Context context) {
    auto now = parts_.clock.now();
    if (credentials.name.size() > name_bytes_max) credentials.name.resize(name_bytes_max);
    auto by = credentials.by;
    auto account_attempt = by_account_.begin(delay_key_of(credentials), now);
    auto client = client_key_of(peer);
    std::optional<LoginDelay::Attempt> client_attempt;
    if (!client.empty()) client_attempt.emplace(by_client_.begin(client, now));
    auto wait = account_attempt.wait();
    if (client_attempt) wait = std::max(wait, client_attempt->wait());
    if (wait.count() > 0) {
        outcomes_.delayed->add();
        telemetry::log(telemetry::Level::info, "identity", "a login has to wait",
                       {{"seconds", wait.count()}}, context.request_id);
        co_return login_delayed(wait);
    }

    auto password = std::move(credentials.password);
    auto found = co_await find(std::move(credentials), context);
    if (!found) {
        outcomes_.unavailable->add();
        co_return found.error();
    }
    auto& account = found->account;
    bool known = account.has_value();
    if (known) note_barred(*account, context.request_id);
    // Who may not log in has no right password: the time would tell that it is right.
    bool may = known && may_log_in(*account);
    const auto& stored = may ? account->password : dummy_hash_;
    auto memory = match_memory_bytes(stored, cost_, found->decoy);
    auto work = [password = std::move(password), stored, decoy = std::move(found->decoy),
                 cost = cost_] { return match_password(password, stored, cost, decoy); };
    auto match = co_await parts_.pool.run<PasswordMatch>(context.deadline, memory, std::move(work));
    if (!match) {
        outcomes_.unavailable->add();
        co_return match.error();
    }
    if (!may || !match->right) {
        account_attempt.failed();
        if (client_attempt) client_attempt->failed();
        outcomes_.wrong->add();
        if (known) {
            telemetry::log(telemetry::Level::info, "identity", "a login has failed",
                           {{"user", account->id}}, context.request_id);
            Event failed = LoginFailed{account->id};
            co_await record_login(failed, context);
        } else {
            telemetry::log(telemetry::Level::info, "identity", "a login has failed", {},
                           context.request_id);
        }
        co_return wrong_credentials(by);
    }
    // The client's other failures stay: who has one good account must not try all others with it.
    account_attempt.forgive();
    outcomes_.good->add();
    telemetry::log(telemetry::Level::info, "identity", "a login has succeeded",
                   {{"user", account->id}}, context.request_id);
    co_return Proven{std::move(*account), std::move(match->better_hash), by};
}

base::Task<void> LoginService::record_login(Event event, base::Context context) {
    if (!parts_.audit.logs_logins()) co_return base::Result<void>();
    context.actor.id = user_of(event);
    auto work = [this, event, context](database::Transaction& transaction) -> base::Result<void> {
        parts_.audit.record(transaction, event, context);
        return {};
    };
    auto recorded =
        co_await parts_.database.write<void>(context.deadline, row_bytes, std::move(work));
    if (!recorded) {
        telemetry::log(telemetry::Level::warning, "identity", "a login is not in the log",
                       {{"user", user_of(event)}, {"error", recorded.error().code}},
                       context.request_id);
    }
    co_return recorded;
}

base::Task<StoredAccount> LoginService::store_login(Proven proven, std::string hash,
                                                    std::int64_t family, base::Context context) {
    auto now = parts_.clock.now();
    RefreshToken token{family, proven.account.id, false, now + refresh_life_, now};
    context.actor.id = proven.account.id;
    auto work = [this, proven = std::move(proven), hash = std::move(hash), token, context,
                 now](database::Transaction& transaction) -> base::Result<StoredAccount> {
        const auto& before = proven.account;
        auto account = find_account(transaction, before.id);
        if (!account || !may_log_in(*account)) return wrong_credentials(proven.by);
        bool same_password = account->password == before.password;
        // Another hash at the same epoch: another login has made it better meanwhile.
        if (!same_password && account->epoch != before.epoch) return wrong_credentials(proven.by);
        if (same_password && proven.better_hash) {
            account->password = *proven.better_hash;
            update_account(transaction, *account, now);
        }
        insert_refresh_token(transaction, hash, token);
        if (parts_.audit.logs_logins()) {
            parts_.audit.record(transaction, LoginSucceeded{account->id}, context);
        }
        return std::move(*account);
    };
    co_return co_await parts_.database.write<StoredAccount>(context.deadline, row_bytes,
                                                            std::move(work));
}

base::Task<void> LoginService::store_better_hash(Proven proven, base::Context context) {
    auto work = [proven = std::move(proven), now = parts_.clock.now()](
                    database::Transaction& transaction) -> base::Result<void> {
        auto account = find_account(transaction, proven.account.id);
        if (!account || account->password != proven.account.password) return {};
        account->password = *proven.better_hash;
        update_account(transaction, *account, now);
        return {};
    };
    co_return co_await parts_.database.write<void>(context.deadline, row_bytes, std::move(work));
}

LoginService::Stamp LoginService::new_stamp() const {
    return {parts_.clock.now(), random_text(token_id_bytes)};
}

Claims LoginService::claims_of(const StoredAccount& account, std::int64_t family,
                               std::chrono::seconds life, Stamp stamp) const {
    Claims claims;
    claims.issuer = issuer_;
    claims.audience = audience_;
    claims.user = account.id;
    claims.issued = base::to_micros(stamp.issued) / 1000000;
    claims.expires = claims.issued + life.count();
    claims.id = std::move(stamp.id);
    claims.role = account.role;
    claims.epoch = account.epoch;
    claims.family = family;
    claims.open_mode = parts_.rules == PasswordRules::any;
    return claims;
}

Tokens LoginService::tokens_of(const StoredAccount& account, std::int64_t family,
                               std::string refresh_token, Stamp stamp) const {
    auto claims = claims_of(account, family, access_life_, std::move(stamp));
    return {parts_.keys.issue(TokenKind::access, claims), std::move(refresh_token), access_life_};
}

Revocation LoginService::revocation_of(std::int64_t family, base::Time now) const {
    return {Revocation::Kind::family, family, no_epoch, now + token_life_};
}

base::Task<Tokens> LoginService::log_in(Credentials credentials, std::string peer,
                                        base::Context context) {
    auto proven = co_await prove(std::move(credentials), std::move(peer), context);
    if (!proven) co_return proven.error();
    auto refresh_token = random_text(token_bytes);
    auto hash = sha256_text(refresh_token);
    auto family = new_family();
    auto account = co_await store_login(std::move(*proven), std::move(hash), family, context);
    if (!account) co_return account.error();
    co_return tokens_of(*account, family, std::move(refresh_token), new_stamp());
}

std::optional<LoginService::Successor> LoginService::repeated(
    database::ReadTransaction& transaction, const std::string& hash, const Successor& asked) {
    auto given = successors_.find(hash);
    if (!given || asked.client.empty() || given->client != asked.client) return std::nullopt;
    auto age = asked.stamp.issued - given->stamp.issued;
    if (age < age.zero() || age > refresh_repeat_) return std::nullopt;
    // Whoever has used the pair has it, and needs no second copy.
    auto next = find_refresh_token(transaction, given->hash);
    if (!next || next->rotated) return std::nullopt;
    return given;
}

base::Task<LoginService::Rotation> LoginService::rotate(std::string hash, Successor successor,
                                                        base::Context context) {
    auto work = [this, context, hash = std::move(hash), successor = std::move(successor)](
                    database::Transaction& transaction) -> base::Result<Rotation> {
        Rotation rotation;
        auto now = successor.stamp.issued;
        auto token = find_refresh_token(transaction, hash);
        if (!token || token->expires_at <= now) return rotation;
        rotation.family = token->family;
        auto account = find_account(transaction, token->user);
        if (!account || !may_log_in(*account)) return rotation;
        rotation.account = std::move(*account);
        if (token->rotated) {
            if (auto given = repeated(transaction, hash, successor)) {
                rotation.successor = std::move(*given);
                rotation.outcome = Rotation::Outcome::rotated;
                return rotation;
            }
            // Two have it, and nobody can tell who is the thief. This is no refusal of the
            // command: what it has revoked must be committed.
            revoke(transaction, parts_.revocations, revocation_of(token->family, now));
            parts_.audit.record(transaction, LoginsEnded{token->user, token->family}, context);
            rotation.outcome = Rotation::Outcome::reused;
            return rotation;
        }
        mark_rotated(transaction, hash);
        insert_refresh_token(transaction, successor.hash,
                             {token->family, token->user, false, token->expires_at, now});
        // At once, and not after the commit: the second tab may be in the same batch.
        if (refresh_repeat_.count() > 0) successors_.put(hash, successor);
        transaction.on_undo([this, hash] { successors_.erase(hash); });
        rotation.successor = successor;
        rotation.outcome = Rotation::Outcome::rotated;
        return rotation;
    };
    co_return co_await parts_.database.write<Rotation>(context.deadline, row_bytes,
                                                       std::move(work));
}

base::Task<Tokens> LoginService::refresh(std::string refresh_token, std::string client,
                                         base::Context context) {
    if (refresh_token.size() > refresh_token_bytes_max) co_return invalid_refresh_token();
    auto next = random_text(token_bytes);
    auto next_hash = sha256_text(next);
    Successor successor{std::move(client), std::move(next), std::move(next_hash), new_stamp()};
    auto hash = sha256_text(refresh_token);
    auto rotation = co_await rotate(std::move(hash), std::move(successor), context);
    if (!rotation) co_return rotation.error();
    if (rotation->outcome == Rotation::Outcome::reused) {
        outcomes_.reused->add();
        telemetry::log(
            telemetry::Level::warning, "identity",
            "a refresh token was used twice: somebody has a copy, so that login is ended",
            {{"user", rotation->account.id}}, context.request_id);
    }
    if (rotation->outcome != Rotation::Outcome::rotated) co_return invalid_refresh_token();
    auto& given = rotation->successor;
    co_return tokens_of(rotation->account, rotation->family, std::move(given.refresh_token),
                        std::move(given.stamp));
}

base::Task<void> LoginService::log_out(std::string refresh_token, base::Context context) {
    if (refresh_token.size() > refresh_token_bytes_max) co_return base::Result<void>();
    auto work = [this, context, hash = sha256_text(refresh_token), now = parts_.clock.now()](
                    database::Transaction& transaction) -> base::Result<void> {
        auto token = find_refresh_token(transaction, hash);
        if (!token) return {};
        revoke(transaction, parts_.revocations, revocation_of(token->family, now));
        parts_.audit.record(transaction, LoginsEnded{token->user, token->family}, context);
        return {};
    };
    co_return co_await parts_.database.write<void>(context.deadline, row_bytes, std::move(work));
}

base::Task<BrowserSession> LoginService::start_session(Credentials credentials, std::string peer,
                                                       base::Context context) {
    auto proven = co_await prove(std::move(credentials), std::move(peer), context);
    if (!proven) co_return proven.error();
    if (proven->better_hash) {
        auto copy = *proven;
        auto stored = co_await store_better_hash(std::move(copy), context);
        if (!stored) {
            telemetry::log(telemetry::Level::warning, "identity", "a better hash is not stored",
                           {{"user", proven->account.id}, {"error", stored.error().code}},
                           context.request_id);
        }
    }
    Event succeeded = LoginSucceeded{proven->account.id};
    co_await record_login(succeeded, context);
    BrowserSession session;
    session.id = proven->account.id;
    session.role = proven->account.role;
    session.expires_in = session_life_;
    // Of the epoch that was read with the password's hash: if the account changed since, it counts
    // for nothing.
    auto claims = claims_of(proven->account, new_family(), session_life_, new_stamp());
    auto issued = parts_.keys.issue_session(std::move(claims));
    session.token = std::move(issued.token);
    session.csrf_token = std::move(issued.csrf_token);
    co_return session;
}

base::Task<void> LoginService::end(std::int64_t family, UserId user, base::Context context) {
    auto work = [this, family, user, context, now = parts_.clock.now()](
                    database::Transaction& transaction) -> base::Result<void> {
        revoke(transaction, parts_.revocations, revocation_of(family, now));
        parts_.audit.record(transaction, LoginsEnded{user, family}, context);
        return {};
    };
    auto ended = co_await parts_.database.write<void>(context.deadline, row_bytes, std::move(work));
    if (ended) {
        telemetry::log(telemetry::Level::info, "identity", "a session is ended", {{"user", user}},
                       context.request_id);
    }
    co_return ended;
}

}  // namespace identity
