#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"

namespace identity {

using UserId = std::int64_t;

/// What it takes to open an account.
struct NewAccount {
    std::string email;
    std::string password;
    base::Role role = base::Role::reader;
};

/// What anybody but identity may know of an account.
struct Account {
    UserId id = 0;
    std::string email;
    base::Role role = base::Role::reader;
    bool active = false;  ///< false: pending or disabled
};

/// Members that are to be replaced.
struct AccountChange {
    std::optional<std::string> email{};
    std::optional<std::string> password{};
};

/// Everything that is wrong with an e-mail address or a password, as details of a refusal. Pure.
/// An address has at most 254 characters and one @ with something that can be a domain behind it;
/// a password has 8 to 1,024 characters and is not one of those that everybody tries first.
std::vector<base::Problem> problems_of_email(std::string_view email);
std::vector<base::Problem> problems_of_password(std::string_view password);

/// The word for a role: `reader`, `author`, `editor`, `admin`; and back, nothing for other words.
std::string_view name_of(base::Role role);
std::optional<base::Role> role_of(std::string_view name);

/// What the users module asks of identity, which owns e-mail addresses (and with them their
/// uniqueness), passwords, roles and tokens. Thread-safe. Who may ask for what is checked by the
/// caller. Refusals besides those named: `unavailable` (queue full, stopping), `deadline`.
class Accounts {
public:
    virtual ~Accounts() = default;

    /// Stores a pending account, which cannot log in but holds its e-mail address. Refused with
    /// `email_taken` (conflict), `invalid_account` with all details, `password_pool_full`
    /// (unavailable).
    virtual base::Task<UserId> reserve(NewAccount account, base::Context context) = 0;
    /// A pending account becomes active. Again: nothing. `account_not_found`.
    virtual base::Task<void> activate(UserId id, base::Context context) = 0;
    /// Forgets a pending account; one that is not pending stays as it is.
    virtual base::Task<void> discard(UserId id, base::Context context) = 0;
    /// The accounts that are pending: at start, those of registrations that were interrupted.
    virtual base::Task<std::vector<UserId>> pending(base::Context context) const = 0;

    /// Whether that is the account's password. For a caller who shows that it is the same again,
    /// not for logins: nothing slows down who tries many. `account_not_found`,
    /// `password_pool_full`.
    virtual base::Task<bool> has_password(UserId id, std::string password,
                                          base::Context context) const = 0;
    /// `account_not_found`.
    virtual base::Task<Account> account(UserId id, base::Context context) const = 0;
    /// The addresses of those ids that have an account. At most 1,000 ids.
    virtual base::Task<std::map<UserId, std::string>> emails(std::vector<UserId> ids,
                                                             base::Context context) const = 0;
    /// A new password ends every login of the account. Refused as reserve(), `account_not_found`.
    virtual base::Task<void> change(UserId id, AccountChange change, base::Context context) = 0;
    /// Refused with `last_admin` (conflict) if no active admin would be left without the account.
    virtual base::Task<void> may_erase(UserId id, base::Context context) const = 0;
    /// Erases the account with its tokens; every login of it ends at once. No account: nothing.
    virtual base::Task<void> erase(UserId id, base::Context context) = 0;
};

}  // namespace identity
