#pragma once

#include <filesystem>
#include <vector>

#include "identity/accounts.hpp"

namespace identity {

/// Whom identity's store knows, in order of id.
struct KnownAccounts {
    std::vector<UserId> settled;
    std::vector<UserId> pending;  ///< of registrations that are under way
};

/// Reads only, so it may run beside a server. Blocks. Throws database::Failure.
KnownAccounts known_accounts(const std::filesystem::path& folder);

}  // namespace identity
