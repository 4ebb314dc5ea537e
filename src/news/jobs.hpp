#pragma once

#include <filesystem>

#include "base/clock.hpp"
#include "news/instance.hpp"
#include "operations/jobs.hpp"

namespace news {

/// `import`: `{"file"}` → `{"lines", "added", "already_there", "rejected", "reasons",
/// "rejected_file"}`, once every view shows what was added. Refused as import_file() is.
operations::NamedJob import_job(const Instances& instances, const Config& config,
                                std::filesystem::path folder, const base::Clock& clock);

/// `rebuild`: `{"type"}` → `{"events"}`. Refused with `unknown_news_type`, and as Instance::rebuild
/// is.
operations::NamedJob rebuild_job(const Instances& instances);

/// `archive`: `{"before", "type", "dry_run"}` → by type what ArchiveReport says; `{"type",
/// "bring_back"}` → `{}`. Refused with `unknown_news_type`, and as Archiver is.
operations::NamedJob archive_job(const Instances& instances);

}  // namespace news
