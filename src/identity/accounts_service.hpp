#pragma once

#include "account_store.hpp"
#include "audit_store.hpp"
#include "database/database.hpp"
#include "identity/accounts.hpp"
#include "password_crypto.hpp"
#include "password_pool.hpp"
#include "revocations.hpp"

namespace identity {

/// Accounts in `identity.db`. Thread-safe.
class AccountsService final : public Accounts {
public:
    /// `token_life`: how long a token issued now may count.
    AccountsService(database::Database& database, AuditStore& audit, PasswordPool& pool,
                    Revocations& revocations, const base::Clock& clock, PasswordCost cost,
                    std::chrono::seconds token_life, PasswordRules rules);

    base::Task<UserId> reserve(NewAccount account, base::Context context) override;
    base::Task<void> activate(UserId id, base::Context context) override;
    base::Task<void> discard(UserId id, base::Context context) override;
    base::Task<std::vector<UserId>> pending(base::Context context) const override;
    base::Task<bool> has_password(UserId id, std::string password,
                                  base::Context context) const override;
    base::Task<Account> account(UserId id, base::Context context) const override;
    base::Task<std::map<UserId, std::string>> emails(std::vector<UserId> ids,
                                                     base::Context context) const override;
    base::Task<std::int64_t> prepare_change(UserId id, AccountChange change,
                                            base::Context context) override;
    base::Task<void> finish_change(UserId id, std::int64_t token, base::Context context) override;
    base::Task<std::int64_t> prepare_erasure(UserId id, base::Context context) override;
    base::Task<void> erase(UserId id, base::Context context) override;
    base::Task<void> abandon(std::int64_t token, base::Context context) override;
    base::Task<std::vector<Prepared>> prepared(base::Context context) const override;

    /// Brings the keys of addresses to the form of now. At start.
    base::Task<void> renew_keys();

    /// For admins: what the account is then. Its tokens count no more, so the new role or status
    /// holds on the very next request. Refused with `account_not_found` (also while pending), and
    /// with `last_admin` (conflict) if no active admin would be left.
    base::Task<StoredAccount> set_role(UserId id, base::Role role, base::Context context);
    /// `status`: active or disabled.
    base::Task<StoredAccount> set_status(UserId id, Status status, base::Context context);

private:
    /// What is wrong with that change of the account; nothing if it is good.
    std::vector<base::Problem> problems_of(const StoredAccount& before,
                                           const AccountChange& change) const;
    /// Everything that is wrong with such an account.
    std::vector<base::Problem> problems_of(const NewAccount& account) const;
    base::Task<std::string> hash(std::string password, base::Context context);
    /// Refused with `email_taken` or `login_taken`.
    base::Task<void> are_free(std::string email, std::string login, base::Context context) const;
    base::Task<StoredAccount> find(UserId id, base::Context context) const;
    base::Task<StoredAccount> set(UserId id, std::optional<base::Role> role,
                                  std::optional<Status> status, base::Context context);

    database::Database& database_;
    AuditStore& audit_;
    PasswordPool& pool_;
    Revocations& revocations_;
    const base::Clock& clock_;
    PasswordCost cost_;
    std::chrono::seconds token_life_;
    PasswordRules rules_;
};

}  // namespace identity
