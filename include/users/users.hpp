#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "identity/accounts.hpp"

namespace users {

using identity::UserId;

/// A registered person, as that person and an admin may see it.
struct User {
    UserId id = 0;
    std::string name;
    std::string email;  ///< empty: the account has none, and is known by its login name
    base::Time created_at{};
    base::Time updated_at{};
    std::int64_t version = 0;  ///< how many changes; starts at 1
};

/// What other modules may show of a user.
struct Profile {
    UserId id = 0;
    std::string name;
    std::optional<std::string> email{};  ///< only if it was asked for, and there is one
};

/// Who registers.
struct NewUser {
    std::string name;   ///< 1–100 characters, no control characters
    std::string email;  ///< may be empty if there is a login name
    std::string password;
    base::Role role = base::Role::reader;
    std::string login{};  ///< to log in with instead of the address; empty: none
};

/// Members that are to be replaced.
struct UserChange {
    std::optional<std::string> name{};
    std::optional<std::string> email{};
    std::optional<std::string> password{};
};

using base::Command;
using base::Expected;

/// The profiles of all registered people: caching first. A change is acknowledged once it is in the
/// durable queue and in the cache; workers bring it to the table. Thread-safe.
/// Refusals besides those named: `unavailable` (also `user_queue_full`), `deadline`,
/// `idempotency_key_reused`. Who may not know of a user (anybody but that user and admins) is told
/// `user_not_found`.
class Users {
public:
    virtual ~Users() = default;

    /// Account and profile, or neither. Anyone may. Refused with `invalid_user` and all details,
    /// `email_taken`, `login_taken` (conflict).
    virtual base::Task<User> create(NewUser user, Command command) = 0;
    virtual base::Task<User> user(UserId id, base::Context context) const = 0;
    /// Refused as create(), and with `precondition_failed` if `expected` names other versions.
    virtual base::Task<User> change(UserId id, UserChange change, Command command) = 0;
    /// Erases profile and account.
    virtual base::Task<void> remove(UserId id, Command command) = 0;
    /// In order of registration, from the `start`-th on. For admins.
    virtual base::Task<std::vector<User>> list(std::int64_t start, std::int64_t count,
                                               base::Context context) const = 0;

    /// For other modules, which check who asks: the profiles of those ids that are users. At most
    /// 1,000 ids. Order is that of `ids`.
    virtual base::Task<std::vector<Profile>> profiles(std::vector<UserId> ids, bool with_email,
                                                      base::Context context) const = 0;
};

}  // namespace users
