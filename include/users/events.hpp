#pragma once

#include <string_view>
#include <variant>

#include "bus/event.hpp"
#include "identity/accounts.hpp"

namespace users {

/// What happened to a user, for ever: stream = the user's id, body `{"id": …}` and nothing else,
/// since a log cannot forget what it was told about a person.
inline constexpr std::string_view user_registered = "user_registered.v1";
inline constexpr std::string_view user_changed = "user_changed.v1";
inline constexpr std::string_view user_removed = "user_removed.v1";

/// `user_registered.v1`
struct UserRegistered {
    identity::UserId id = 0;
};
/// `user_changed.v1`
struct UserChanged {
    identity::UserId id = 0;
};
/// `user_removed.v1`
struct UserRemoved {
    identity::UserId id = 0;
};
using Event = std::variant<UserRegistered, UserChanged, UserRemoved>;

/// What an event of the users log says, for everybody who hears one. Throws std::runtime_error for
/// a name that no version of this program has written.
Event user_event(const bus::Event& event);

}  // namespace users
