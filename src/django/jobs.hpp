#pragma once

#include "base/clock.hpp"
#include "django/config.hpp"
#include "operations/jobs.hpp"

namespace django {

/// `inspect_django {source}` → `{models, notes, mapping}`.
operations::NamedJob inspect_job(const Config& config);

/// `import_django {source, mapping, dry_run, keep_staging, folder, rejected_file}` → the report.
/// Refused with `not_yet` unless `dry_run` is true.
operations::NamedJob import_job(const Config& config, const base::Clock& clock);

}  // namespace django
