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

/// What a password has to be like. `any`, for open mode: it only must not be empty. Whoever gets
/// such a password is marked, and cannot log in while the rules are `full`, until an admin has set
/// another.
enum class PasswordRules { full, any };

/// What it takes to open an account: an address, or a login name, or both.
struct NewAccount {
    std::string email;
    std::string password;
    base::Role role = base::Role::reader;
    std::string login{};
};

/// What anybody but identity may know of an account.
struct Account {
    UserId id = 0;
    std::string email;  ///< empty: it has none, and is known by its login name
    base::Role role = base::Role::reader;
    bool active = false;   ///< false: pending or disabled
    std::string login{};   ///< empty: it has none
    std::string source{};  ///< the row that it was imported from, `auth.user:17`; empty: none
};

/// Members that are to be replaced.
struct AccountChange {
    std::optional<std::string> email{};
    std::optional<std::string> password{};
};

/// A change or an erasure that is prepared and not finished.
struct Prepared {
    std::int64_t token = 0;
    UserId id = 0;
    bool erasure = false;
};

/// Everything that is wrong with an e-mail address or a password, as details of a refusal. Pure.
/// An address has at most 254 characters, none of them hidden, and one @ with something that can be
/// a domain behind it;
/// a password has 8 to 1,024 characters and is not one of those that everybody tries first.
std::vector<base::Problem> problems_of_email(std::string_view email);
/// A login name has 1 to 150 letters, digits and @ . + - _ (Django's rule for `username`).
std::vector<base::Problem> problems_of_login(std::string_view login);
std::vector<base::Problem> problems_of_password(std::string_view password,
                                                PasswordRules rules = PasswordRules::full);

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
    /// `email_taken` or `login_taken` (conflict), `invalid_account` with all details,
    /// `password_pool_full`
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
    /// The addresses of those ids that have an account; empty of one without. At most 1,000 ids.
    virtual base::Task<std::map<UserId, std::string>> emails(std::vector<UserId> ids,
                                                             base::Context context) const = 0;

    // What changes both an account and something of the caller's has two halves here, around the
    // caller's own commit: prepared, it changes nothing but cannot be refused any more. Whoever was
    // interrupted in between finds it in prepared() and, by what its own commit left, finishes it
    // or abandons it.

    /// First half of a change; holds the new address for it. The token to finish it with. Refused
    /// as reserve(), `account_not_found`.
    virtual base::Task<std::int64_t> prepare_change(UserId id, AccountChange change,
                                                    base::Context context) = 0;
    /// Second half. A new password ends every login of the account. Again: nothing. What was
    /// prepared before it for the same account and not finished is abandoned.
    virtual base::Task<void> finish_change(UserId id, std::int64_t token,
                                           base::Context context) = 0;
    /// First half of an erasure, of which erase() is the second: from now on the account is no
    /// admin that could be left as the last. Refused with `last_admin` (conflict) if it is the last
    /// active one. No account: nothing, and the token is 0.
    virtual base::Task<std::int64_t> prepare_erasure(UserId id, base::Context context) = 0;
    /// Erases the account with its tokens; every login of it ends at once. Of one that came from
    /// elsewhere its source is kept, so that no import brings it back. No account: nothing.
    virtual base::Task<void> erase(UserId id, base::Context context) = 0;
    /// As if it had never been prepared. Again: nothing.
    virtual base::Task<void> abandon(std::int64_t token, base::Context context) = 0;
    /// In the order in which they were prepared.
    virtual base::Task<std::vector<Prepared>> prepared(base::Context context) const = 0;
};

}  // namespace identity
