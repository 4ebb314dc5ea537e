#pragma once

#include <vector>

#include "base/result.hpp"
#include "database/migrations.hpp"
#include "driver.hpp"

namespace database {

/// Brings the store up to date as MigrationSet says. Refused with code `newer_data` or
/// `changed_migration` as Database::open is: nothing is changed then. Throws Failure.
base::Result<void> migrate(Connection& connection, const std::vector<MigrationSet>& sets);

}  // namespace database
