#pragma once

#include <chrono>

#include "base/cache.hpp"
#include "base/clock.hpp"
#include "identity/accounts.hpp"
#include "user_store.hpp"
#include "users/users.hpp"

namespace users {

/// Users, over the store and the accounts of identity. A registration has three steps: a pending
/// account, the profile in the queue, the account's activation; so have a change that is of the
/// account too, and a removal: prepared in the account, queued, finished in the account. Whatever
/// interrupts them, the worker or the next start finishes what was queued and undoes what was not:
/// docs/architecture.md, A registration.
class UserService final : public Users {
public:
    UserService(UserStore& store, identity::Accounts& accounts, const base::Clock& clock,
                identity::PasswordRules rules);

    base::Task<User> create(NewUser user, Command command) override;
    base::Task<User> user(UserId id, base::Context context) const override;
    base::Task<User> change(UserId id, UserChange change, Command command) override;
    base::Task<void> remove(UserId id, Command command) override;
    base::Task<std::vector<User>> list(std::int64_t start, std::int64_t count,
                                       base::Context context) const override;
    base::Task<std::vector<Profile>> profiles(std::vector<UserId> ids, bool with_email,
                                              base::Context context) const override;

    /// Finishes or undoes the registrations, changes and removals that an earlier process was
    /// interrupted in.
    base::Task<void> settle();
    /// Refused with `users_critical` if the store or the queue does not do its work.
    base::Task<void> healthy(base::Context context) const;

private:
    /// What the same call was answered before; nothing if there was none.
    base::Task<std::optional<User>> answered(const Command& command,
                                             std::optional<std::string> password) const;
    base::Task<User> change_alone(UserId id, UserChange change, Command command);
    base::Task<void> remove_alone(UserId id, Command command);
    base::Task<void> give_up(UserId id);
    /// After a change or removal whose commit failed: abandons what was prepared for it, unless it
    /// is queued all the same.
    base::Task<void> give_up_prepared(std::int64_t token);
    base::Task<void> settle_pending();
    base::Task<void> settle_prepared();

    UserStore& store_;
    identity::Accounts& accounts_;
    const base::Clock& clock_;
    const identity::PasswordRules rules_;
    /// Whose change is under way. Far more room than there can be requests at a time.
    base::Cache<UserId, bool> changing_{65536};
};

}  // namespace users
