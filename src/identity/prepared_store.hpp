#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "database/database.hpp"
#include "identity/accounts.hpp"

namespace identity {

/// A row of the table `prepared_changes`: what is going to be replaced.
struct PreparedChange {
    Prepared prepared;
    std::optional<std::string> email{};
    std::optional<std::string> password{};  ///< a hash
    bool open_password = false;
};

/// Stores it; its token.
std::int64_t insert_prepared(database::Transaction& transaction, const PreparedChange& change,
                             base::Time now);
std::optional<PreparedChange> find_prepared(database::ReadTransaction& transaction,
                                            std::int64_t token);
/// In the order in which they were stored.
std::vector<Prepared> all_prepared(database::ReadTransaction& transaction);
void delete_prepared(database::Transaction& transaction, std::int64_t token);
/// The changes of that account up to the one of that token.
void delete_changes_until(database::Transaction& transaction, UserId id, std::int64_t token);

}  // namespace identity
