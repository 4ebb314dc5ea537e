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

    /// Before the source is read: what is pushed from here on may not be in it.
    base::Task<void> begin();
    /// Of each model that the source has: what was kept of it before is gone.
    base::Task<void> keep(ImportReport report, base::Time finished_at);
    base::Task<KeptImports> kept(base::Deadline deadline) const;

private:
    database::Database& database_;
};

}  // namespace django
