#pragma once

#include <string>

#include "identity/events.hpp"

namespace identity {

UserId user_of(const Event& event);

/// The stored body of an event; account_event() reads it.
std::string to_json(const Event& event);

}  // namespace identity
