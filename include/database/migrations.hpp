#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "database/connection.hpp"

namespace database {

/// One step forward of a schema, embedded from migrations/<module>/NNNN_verb_noun.sql.
struct Migration {
    std::string_view name;
    std::string_view sql;
};

/// The steps of one schema, in order. A file may hold several (the log of `bus` beside a module's
/// own tables).
struct MigrationSet {
    std::string_view name;
    std::vector<Migration> steps;
};

/// Brings the file up to date, each step in its own transaction with its record (name and SHA-256
/// of its text), so a kill in the middle leaves it before or after a step.
/// Refused with code `newer_data` when the file has steps that this binary does not know, and
/// `changed_migration` when a recorded step had another text: nothing is changed then.
base::Result<void> migrate(Connection& connection, const std::vector<MigrationSet>& sets);

}  // namespace database
