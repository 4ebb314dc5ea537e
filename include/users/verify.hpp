#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bus/event.hpp"
#include "users/users.hpp"

namespace users {

/// Whom the store of users knows.
struct KnownUsers {
    std::vector<UserId> profiles;  ///< in order of id, also those that are only queued
    /// Who was removed, in order of id, by the events up to the cursor that was asked with.
    std::vector<UserId> removed;
    std::vector<std::string> problems;  ///< plain sentences, the first hundred
};

/// Holds the table of users against their log, and `heard`, how far somebody else has come in it.
/// Reads only, so it may run beside a server. Blocks. Throws database::Failure.
KnownUsers known_users(const std::filesystem::path& folder, const bus::Cursor& heard);

}  // namespace users
