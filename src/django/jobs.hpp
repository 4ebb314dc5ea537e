#pragma once

#include "base/clock.hpp"
#include "django/config.hpp"
#include "django/module.hpp"
#include "operations/jobs.hpp"

namespace django {

/// `inspect_django {source}` → `{models, notes, mapping}`.
operations::NamedJob inspect_job(const Config& config);

/// `import_django {source, mapping, dry_run, keep_staging, folder, rejected_file, theirs,
/// unpublish_vanished}` → the report, once every view shows what was written. A dry run is for a
/// site that is thrown away: people and old addresses are written into it, and what is wrong with
/// them is told; articles are only checked. Refused as import_site() and the neighbours are, a dry
/// run on a site that has people or redirects with `not_apart`. All must outlive the job.
operations::NamedJob import_job(const Config& config, const base::Clock& clock,
                                const Neighbours& neighbours, const Exported& exported);

/// `export_django {base, mapping, out, folder, keep_staging, own_pks}` → the report of
/// export_site(). Refused as that is, and with `view_stalled`. They must outlive the job.
operations::NamedJob export_job(const Config& config, const base::Clock& clock,
                                const Exported& exported);

}  // namespace django
