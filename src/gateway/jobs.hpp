#pragma once

#include <vector>

#include "base/clock.hpp"
#include "gateway/migration.hpp"
#include "operations/jobs.hpp"

namespace gateway {

/// What `portal migrate` has a running server do: `migrate_set` {route, mode, percent?},
/// `migrate_undo` and `migrate_restart` {route}, `migrate_status` {route?}. Their results are what
/// the routes of the same purpose answer. What they are given outlives them.
std::vector<operations::NamedJob> migration_jobs(Migration& migration, const base::Clock& clock);

}  // namespace gateway
