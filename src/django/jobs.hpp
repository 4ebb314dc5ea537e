#pragma once

#include "base/clock.hpp"
#include "django/config.hpp"
#include "django/module.hpp"
#include "import_store.hpp"
#include "operations/jobs.hpp"
#include "transfer_service.hpp"

namespace django {

/// `inspect_django {source}` → `{models, notes, mapping}`.
operations::NamedJob inspect_job(const Config& config);

/// `import_django {source, mapping, dry_run, keep_staging, folder, rejected_file, theirs,
/// unpublish_vanished}` → the report, once every view shows what was written, and it is kept in
/// `store`, unless that is null. A dry run is for a site that is thrown away: people and old
/// addresses are written into it, and what is wrong with them is told; articles are only checked,
/// and nothing is kept. Refused as import_site(), the neighbours and the store are, a dry run on a
/// site that has people or redirects with `not_apart`. All must outlive the job.
operations::NamedJob import_job(const Config& config, const base::Clock& clock,
                                const Neighbours& neighbours, const Exported& exported,
                                ImportStore* store);

/// `migrate_data {}` → what the route of the same purpose answers. Refused as
/// TransferService::transfer() is.
operations::NamedJob transfer_job(TransferService& transfers);

/// `export_django {base, mapping, out, folder, keep_staging, own_pks}` → the report of
/// export_site(). Refused as that is, and with `view_stalled`. They must outlive the job.
operations::NamedJob export_job(const Config& config, const base::Clock& clock,
                                const Exported& exported);

}  // namespace django
