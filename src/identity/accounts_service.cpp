#include "accounts_service.hpp"

#include "import_store.hpp"
#include "prepared_store.hpp"
#include "telemetry/log.hpp"
#include "token_store.hpp"

namespace identity {

namespace {

constexpr std::size_t row_bytes = 512;
constexpr std::int64_t renewed_at_once = 1000;

base::Error account_not_found() {
    return {base::Reason::not_found, "account_not_found", "There is no such account."};
}

base::Error email_taken() {
    return {base::Reason::conflict, "email_taken", "There is an account of this e-mail address."};
}

base::Error login_taken() {
    return {base::Reason::conflict, "login_taken", "There is an account of this login name."};
}

/// Of an address, if there is one, and a login name, if there is one; one of them there must be.
std::vector<base::Problem> problems_of_names(const std::string& email, const std::string& login) {
    std::vector<base::Problem> problems;
    if (!email.empty() || login.empty()) problems = problems_of_email(email);
    if (login.empty()) return problems;
    for (auto& problem : problems_of_login(login)) problems.push_back(std::move(problem));
    return problems;
}

base::Error last_admin() {
    return {base::Reason::conflict, "last_admin",
            "This is the last active admin: make another one first."};
}

/// Whether nobody has either.
base::Result<void> check_free(database::ReadTransaction& transaction, const std::string& email,
                              const std::string& login) {
    if (!email.empty() && find_holder(transaction, email)) return email_taken();
    if (!login.empty() && find_account_by_login(transaction, login)) return login_taken();
    return {};
}

void append(std::vector<base::Problem>& all, std::vector<base::Problem> more) {
    for (auto& problem : more) all.push_back(std::move(problem));
}

}  // namespace

AccountsService::AccountsService(database::Database& database, AuditStore& audit,
                                 PasswordPool& pool, Revocations& revocations,
                                 const base::Clock& clock, PasswordCost cost,
                                 std::chrono::seconds token_life, PasswordRules rules)
    : database_(database),
      audit_(audit),
      pool_(pool),
      revocations_(revocations),
      clock_(clock),
      cost_(cost),
      token_life_(token_life),
      rules_(rules) {}

std::vector<base::Problem> AccountsService::problems_of(const NewAccount& account) const {
    auto problems = problems_of_names(account.email, account.login);
    append(problems, problems_of_password(account.password, rules_));
    if (!problems.empty() || rules_ == PasswordRules::any) return problems;
    return problems_of_pair(account.email, account.login, account.password);
}

base::Task<std::string> AccountsService::hash(std::string password, base::Context context) {
    auto work = [password = std::move(password), cost = cost_] {
        return hash_password(password, cost);
    };
    auto memory = hash_memory_bytes(cost_);
    co_return co_await pool_.run<std::string>(context.deadline, memory, std::move(work));
}

base::Task<void> AccountsService::are_free(std::string email, std::string login,
                                           base::Context context) const {
    auto work = [email = std::move(email), login = std::move(login)](
                    database::ReadTransaction& transaction) -> base::Result<void> {
        return check_free(transaction, email, login);
    };
    co_return co_await database_.read<void>(context.deadline, std::move(work));
}

base::Task<UserId> AccountsService::reserve(NewAccount account, base::Context context) {
    auto problems = problems_of(account);
    if (!problems.empty()) co_return invalid_account(std::move(problems));
    // Asked first only to save the hashing; who wins is decided by the write.
    auto free = co_await are_free(account.email, account.login, context);
    if (!free) co_return free.error();
    auto hashed = co_await hash(std::move(account.password), context);
    if (!hashed) co_return hashed.error();

    StoredAccount stored;
    stored.email = std::move(account.email);
    stored.login = std::move(account.login);
    stored.password = std::move(*hashed);
    stored.role = account.role;
    stored.epoch = 1;
    stored.open_password = rules_ == PasswordRules::any;
    auto work = [stored = std::move(stored),
                 now = clock_.now()](database::Transaction& transaction) -> base::Result<UserId> {
        auto still_free = check_free(transaction, stored.email, stored.login);
        if (!still_free) return still_free.error();
        return insert_account(transaction, stored, now);
    };
    co_return co_await database_.write<UserId>(context.deadline, row_bytes, std::move(work));
}

base::Task<void> AccountsService::activate(UserId id, base::Context context) {
    auto work = [id, now = clock_.now()](database::Transaction& transaction) -> base::Result<void> {
        if (!settle_account(transaction, id, now)) return account_not_found();
        return {};
    };
    co_return co_await database_.write<void>(context.deadline, row_bytes, std::move(work));
}

base::Task<void> AccountsService::discard(UserId id, base::Context context) {
    auto work = [id](database::Transaction& transaction) -> base::Result<void> {
        auto account = find_account(transaction, id);
        if (account && account->status == Status::pending) delete_account(transaction, id);
        return {};
    };
    co_return co_await database_.write<void>(context.deadline, row_bytes, std::move(work));
}

base::Task<std::vector<UserId>> AccountsService::pending(base::Context context) const {
    auto work = [](database::ReadTransaction& transaction) -> base::Result<std::vector<UserId>> {
        return pending_accounts(transaction);
    };
    co_return co_await database_.read<std::vector<UserId>>(context.deadline, std::move(work));
}

base::Task<StoredAccount> AccountsService::find(UserId id, base::Context context) const {
    auto work = [id](database::ReadTransaction& transaction) -> base::Result<StoredAccount> {
        auto account = find_account(transaction, id);
        if (!account) return account_not_found();
        return std::move(*account);
    };
    co_return co_await database_.read<StoredAccount>(context.deadline, std::move(work));
}

base::Task<bool> AccountsService::has_password(UserId id, std::string password,
                                               base::Context context) const {
    auto found = co_await find(id, context);
    if (!found) co_return found.error();
    auto memory = match_memory_bytes(found->password, cost_);
    auto work = [password = std::move(password), stored = std::move(found->password),
                 cost = cost_] { return match_password(password, stored, cost); };
    auto match = co_await pool_.run<PasswordMatch>(context.deadline, memory, std::move(work));
    if (!match) co_return match.error();
    co_return bool{match->right};
}

base::Task<Account> AccountsService::account(UserId id, base::Context context) const {
    auto found = co_await find(id, context);
    if (!found) co_return found.error();
    Account account;
    account.id = found->id;
    account.email = std::move(found->email);
    account.role = found->role;
    account.active = found->status == Status::active;
    account.login = std::move(found->login);
    account.source = std::move(found->source);
    co_return account;
}

base::Task<std::map<UserId, std::string>> AccountsService::emails(std::vector<UserId> ids,
                                                                  base::Context context) const {
    using Emails = std::map<UserId, std::string>;
    auto work =
        [ids = std::move(ids)](database::ReadTransaction& transaction) -> base::Result<Emails> {
        return emails_of(transaction, ids);
    };
    co_return co_await database_.read<Emails>(context.deadline, std::move(work));
}

std::vector<base::Problem> AccountsService::problems_of(const StoredAccount& before,
                                                        const AccountChange& change) const {
    std::vector<base::Problem> problems;
    if (change.email) append(problems, problems_of_email(*change.email));
    if (change.password) append(problems, problems_of_password(*change.password, rules_));
    if (problems.empty() && change.password && rules_ == PasswordRules::full) {
        append(problems, problems_of_pair(change.email.value_or(before.email), before.login,
                                          *change.password));
    }
    return problems;
}

base::Task<std::int64_t> AccountsService::prepare_change(UserId id, AccountChange change,
                                                         base::Context context) {
    auto before = co_await find(id, context);
    if (!before) co_return before.error();
    auto problems = problems_of(*before, change);
    if (!problems.empty()) co_return invalid_account(std::move(problems));
    PreparedChange prepared;
    prepared.prepared.id = id;
    prepared.email = std::move(change.email);
    if (change.password) {
        auto made = co_await hash(std::move(*change.password), context);
        if (!made) co_return made.error();
        prepared.password = std::move(*made);
        prepared.open_password = rules_ == PasswordRules::any;
    }
    auto work = [prepared = std::move(prepared), now = clock_.now()](
                    database::Transaction& transaction) -> base::Result<std::int64_t> {
        auto owner = prepared.prepared.id;
        if (!find_account(transaction, owner)) return account_not_found();
        auto holder = prepared.email ? find_holder(transaction, *prepared.email) : std::nullopt;
        if (holder && *holder != owner) return email_taken();
        return insert_prepared(transaction, prepared, now);
    };
    co_return co_await database_.write<std::int64_t>(context.deadline, row_bytes, std::move(work));
}

base::Task<void> AccountsService::finish_change(UserId id, std::int64_t token,
                                                base::Context context) {
    auto work = [this, id, token, context,
                 now = clock_.now()](database::Transaction& transaction) -> base::Result<bool> {
        auto change = find_prepared(transaction, token);
        auto account = find_account(transaction, id);
        if (!change || !account || change->prepared.erasure || change->prepared.id != id) {
            return false;
        }
        if (change->email) {
            account->email = *change->email;
            account->email_key = email_key_of(account->email);
        }
        if (change->password) {
            account->password = *change->password;
            account->open_password = change->open_password;
            forget_django_password(transaction, id);
            end_logins(transaction, revocations_, *account, now + token_life_);
            audit_.record(transaction, PasswordChanged{id, account->epoch}, context);
        }
        update_account(transaction, *account, now);
        delete_changes_until(transaction, id, token);
        return change->password.has_value();
    };
    auto ended = co_await database_.write<bool>(context.deadline, row_bytes, std::move(work));
    if (!ended) co_return ended.error();
    if (*ended) {
        telemetry::log(telemetry::Level::info, "identity", "a password is changed", {{"user", id}},
                       context.request_id);
    }
    co_return base::Result<void>();
}

base::Task<std::int64_t> AccountsService::prepare_erasure(UserId id, base::Context context) {
    // The rule is checked where it is acted on: of two admins who erase each other at the same time
    // the second finds the first one's erasure prepared.
    auto work = [this, id, now = clock_.now()](
                    database::Transaction& transaction) -> base::Result<std::int64_t> {
        auto account = find_account(transaction, id);
        if (!account) return 0;
        if (can_rule(*account, rules_, cost_.django) &&
            !has_other_admin(transaction, id, rules_, cost_.django)) {
            return last_admin();
        }
        PreparedChange erasure;
        erasure.prepared.id = id;
        erasure.prepared.erasure = true;
        return insert_prepared(transaction, erasure, now);
    };
    co_return co_await database_.write<std::int64_t>(context.deadline, row_bytes, std::move(work));
}

base::Task<void> AccountsService::abandon(std::int64_t token, base::Context context) {
    auto work = [token](database::Transaction& transaction) -> base::Result<void> {
        delete_prepared(transaction, token);
        return {};
    };
    co_return co_await database_.write<void>(context.deadline, row_bytes, std::move(work));
}

base::Task<std::vector<Prepared>> AccountsService::prepared(base::Context context) const {
    using All = std::vector<Prepared>;
    auto work = [](database::ReadTransaction& transaction) -> base::Result<All> {
        return all_prepared(transaction);
    };
    co_return co_await database_.read<All>(context.deadline, std::move(work));
}

base::Task<void> AccountsService::renew_keys() {
    std::vector<UserId> left;
    UserId after = 0;
    for (;;) {
        auto work = [&left, after](database::Transaction& transaction) -> base::Result<UserId> {
            return renew_email_keys(transaction, after, renewed_at_once, left);
        };
        auto last = co_await database_.write<UserId>(base::Deadline(), row_bytes, std::move(work));
        if (!last) co_return last.error();
        if (*last == 0) break;
        after = *last;
    }
    for (auto id : left) {
        telemetry::log(telemetry::Level::warning, "identity",
                       "two accounts have one address in two spellings: both can log in, each with "
                       "its own spelling; an admin should change or remove one",
                       {{"user", id}});
    }
    co_return base::Result<void>();
}

base::Task<void> AccountsService::erase(UserId id, base::Context context) {
    auto work = [this, id, context,
                 now = clock_.now()](database::Transaction& transaction) -> base::Result<void> {
        if (!find_account(transaction, id)) return {};
        revoke(transaction, revocations_,
               {Revocation::Kind::user, id, no_epoch, now + token_life_});
        remember_erased(transaction, id);
        delete_account(transaction, id);
        audit_.record(transaction, AccountErased{id}, context);
        return {};
    };
    auto erased = co_await database_.write<void>(context.deadline, row_bytes, std::move(work));
    if (erased) {
        telemetry::log(telemetry::Level::info, "identity", "an account is erased", {{"user", id}},
                       context.request_id);
    }
    co_return erased;
}

base::Task<StoredAccount> AccountsService::set(UserId id, std::optional<base::Role> role,
                                               std::optional<Status> status,
                                               base::Context context) {
    auto work = [this, id, role, status, context, now = clock_.now()](
                    database::Transaction& transaction) -> base::Result<StoredAccount> {
        auto account = find_account(transaction, id);
        if (!account || account->status == Status::pending) return account_not_found();
        auto changed = *account;
        changed.role = role.value_or(changed.role);
        changed.status = status.value_or(changed.status);
        if (changed.role == account->role && changed.status == account->status) return changed;
        if (can_rule(*account, rules_, cost_.django) && !can_rule(changed, rules_, cost_.django) &&
            !has_other_admin(transaction, id, rules_, cost_.django)) {
            return last_admin();
        }
        end_logins(transaction, revocations_, changed, now + token_life_);
        update_account(transaction, changed, now);
        if (changed.role != account->role) {
            audit_.record(transaction, RoleChanged{id, changed.role, changed.epoch}, context);
        }
        if (changed.status != account->status) {
            bool disabled = changed.status == Status::disabled;
            auto event = disabled ? Event(AccountDisabled{id, changed.epoch})
                                  : Event(AccountEnabled{id, changed.epoch});
            audit_.record(transaction, event, context);
        }
        return changed;
    };
    co_return co_await database_.write<StoredAccount>(context.deadline, row_bytes, std::move(work));
}

base::Task<StoredAccount> AccountsService::set_role(UserId id, base::Role role,
                                                    base::Context context) {
    auto account = co_await set(id, role, std::nullopt, context);
    if (account) {
        telemetry::log(
            telemetry::Level::info, "identity", "a role is set",
            {{"user", id}, {"role", name_of(role)}, {"by", context.actor.id.value_or(0)}},
            context.request_id);
    }
    co_return account;
}

base::Task<StoredAccount> AccountsService::set_status(UserId id, Status status,
                                                      base::Context context) {
    auto account = co_await set(id, std::nullopt, status, context);
    if (account) {
        telemetry::log(
            telemetry::Level::info, "identity", "a status is set",
            {{"user", id}, {"status", name_of(status)}, {"by", context.actor.id.value_or(0)}},
            context.request_id);
    }
    co_return account;
}

}  // namespace identity
