#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "bus/event.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// What happened to an account, for ever: the audit trail, and what another process has to hear so
/// that tokens which count no more count nowhere. Stream = the user's id; ids only, never an
/// address, since a log cannot forget. Who did it and in which request is in the event itself.

/// `role_changed.v1`; tokens of a lower epoch count no more, here and below.
struct RoleChanged {
    UserId id = 0;
    base::Role role = base::Role::reader;
    std::int64_t epoch = 0;
};
/// `account_disabled.v1`
struct AccountDisabled {
    UserId id = 0;
    std::int64_t epoch = 0;
};
/// `account_enabled.v1`
struct AccountEnabled {
    UserId id = 0;
    std::int64_t epoch = 0;
};
/// `password_changed.v1`
struct PasswordChanged {
    UserId id = 0;
    std::int64_t epoch = 0;
};
/// `account_erased.v1`: none of its tokens counts.
struct AccountErased {
    UserId id = 0;
};
/// `logins_ended.v1`: all tokens that go back to one login.
struct LoginsEnded {
    UserId id = 0;
    std::int64_t login = 0;
};
/// `all_logins_ended.v1`: by an admin; the role stays.
struct AllLoginsEnded {
    UserId id = 0;
    std::int64_t epoch = 0;
};
/// `login_succeeded.v1`, if `log_logins` is set.
struct LoginSucceeded {
    UserId id = 0;
};
/// `login_failed.v1`, if `log_logins` is set: of an address that has an account.
struct LoginFailed {
    UserId id = 0;
};

using Event = std::variant<RoleChanged, AccountDisabled, AccountEnabled, PasswordChanged,
                           AccountErased, LoginsEnded, LoginSucceeded, LoginFailed, AllLoginsEnded>;

/// The stored name of an event: `role_changed.v1`.
std::string_view name_of(const Event& event);

/// What an event of identity's log says, for everybody who hears one. Throws std::runtime_error for
/// a name or a body that no version of this program has written.
Event account_event(const bus::Event& event);

}  // namespace identity
