#pragma once

#include <string_view>

namespace users {

/// What happened to a user, for ever: stream = the user's id, body `{"id": …}` and nothing else,
/// since a log cannot forget what it was told about a person.
inline constexpr std::string_view user_registered = "user_registered.v1";
inline constexpr std::string_view user_changed = "user_changed.v1";
inline constexpr std::string_view user_removed = "user_removed.v1";

}  // namespace users
