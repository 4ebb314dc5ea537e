#pragma once

#include <string_view>
#include <vector>

namespace database {

/// One step forward of a schema, embedded from migrations/<module>/NNNN_verb_noun.sql.
struct Migration {
    std::string_view name;
    std::string_view sql;
};

/// The steps of one schema, in order. A store may hold several (the log of `bus` beside a module's
/// own tables). Database::open brings the store up to date, each step in its own transaction with
/// its record (name and SHA-256 of its text), so a kill in the middle leaves it before or after a
/// step.
struct MigrationSet {
    std::string_view name;
    std::vector<Migration> steps;
};

}  // namespace database
