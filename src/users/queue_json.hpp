#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "users/users.hpp"

namespace users {

/// What the queue's own feed says of a change: whose it is and, if the account changes with it, by
/// which token identity knows that half. Never leaves the module.
std::string queue_body(UserId id, std::optional<std::int64_t> account_token);

/// The token of such a body; nothing if there is none.
std::optional<std::int64_t> account_token_of(const std::string& body);

}  // namespace users
