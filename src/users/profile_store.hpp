#pragma once

#include <optional>
#include <string>
#include <vector>

#include "database/database.hpp"
#include "user.hpp"

namespace users {

// The table `users` within one transaction, with what the queue says of its rows.

/// A profile that comes from another site.
struct ImportedProfile {
    UserId id = 0;
    std::string name;
    base::Time registered_at{};
};

/// The newest state of a user, from the queue or the table.
std::optional<Record> current(database::ReadTransaction& transaction, UserId id);
/// Into the table.
void put(database::Transaction& transaction, const Record& record);

/// Registrations that the table has, `start` of them skipped, with what the queue says of them.
std::vector<Record> stored_page(database::ReadTransaction& transaction, std::int64_t start,
                                std::int64_t count);
std::int64_t stored_count(database::ReadTransaction& transaction);
/// Registrations that only the queue has.
std::vector<Record> queued_page(database::ReadTransaction& transaction, std::int64_t start,
                                std::int64_t count);

/// The name that the last import gave a user; nothing if there was none.
std::optional<std::string> imported_name_of(database::ReadTransaction& transaction, UserId id);
void remember_imported_name(database::Transaction& transaction, const ImportedProfile& profile);

}  // namespace users
