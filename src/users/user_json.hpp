#pragma once

#include <nlohmann/json.hpp>

#include "users/users.hpp"

namespace users {

/// The members of a user that a client may set; all others (role, id, created_at) are ignored.
/// Refused with `malformed_user` when a member is no text, with `invalid_user` when a required one
/// is missing: all problems at once.
base::Result<NewUser> new_user_from_json(const nlohmann::json& body);
/// The same for a change; at least one member must be there.
base::Result<UserChange> user_change_from_json(const nlohmann::json& body);

/// The user of the public API.
nlohmann::ordered_json to_json(const User& user);

}  // namespace users
