#pragma once

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "database/database.hpp"
#include "kept_import.hpp"

namespace django {

/// What the imports that ended have said. Thread-safe.
class ImportStore {
public:
    explicit ImportStore(database::Database& database) : database_(database) {}

    /// Of each model that the source has: what was kept of it before is gone.
    base::Task<void> keep(ImportReport report, base::Time finished_at);
    base::Task<KeptImports> kept(base::Deadline deadline) const;

private:
    database::Database& database_;
};

}  // namespace django
