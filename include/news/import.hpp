#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "news/commands.hpp"
#include "news/instance.hpp"

namespace news {

/// What an import has done so far.
struct ImportReport {
    std::int64_t lines = 0;
    std::int64_t added = 0;
    std::int64_t updated = 0;  ///< changed since an earlier import: a new version
    std::int64_t already_there = 0;
    std::int64_t conflicts = 0;              ///< changed there and here since: left as they are
    std::vector<std::string> conflicting{};  ///< their source_ids; the first few
    /// Items whose HTML lost something, by what it was: see ImportItem::dropped.
    std::map<std::string, std::int64_t> dropped{};
    std::int64_t rejected = 0;
    std::map<std::string, std::int64_t> reasons;  ///< rejected lines by code
    /// News types of the file that the configuration does not have, with their lines; the first
    /// few.
    std::map<std::string, std::int64_t> unknown_types;
    std::filesystem::path rejected_file;  ///< made only if a line was rejected
    std::int64_t bytes_read = 0;
    std::int64_t bytes_total = 0;
};

/// Reads `file`, one JSON object per line (source_id, news_type and the members of a new article),
/// into the news types. A line that cannot be taken goes with its number and reason to
/// `rejected_file`; empty: `<file without .jsonl>.rejected.jsonl`, in `fallback_folder` if there is
/// no writing beside the file. The rest goes in. source_id is a permanent unique key per type, so a
/// second run, or one after a crash, adds only what is missing, and a line that says something else
/// than in the run before makes a new version, unless the article was changed or removed here
/// since: that is a conflict, and only with `theirs` the line counts. Within one file the first
/// line of a source_id counts; a later one that differs is rejected. Blocks: call it on a thread of
/// its own. `progress` is called on that thread, several times a second; `stop` ends it after the
/// batches under way. A store that is overloaded is waited for, at most Config::import_wait_max_ms.
/// Refused with `cannot_read`, `cannot_write`, `stopped`, or as Commands::import is; what was added
/// by then stays. However it ends, nothing of it is under way any more.
base::Result<ImportReport> import_file(const std::filesystem::path& file,
                                       const std::filesystem::path& rejected_file,
                                       const std::filesystem::path& fallback_folder,
                                       const std::map<std::string, Commands*>& types,
                                       const Config& config, const std::string& request_id,
                                       const base::Clock& clock,
                                       const std::function<void(const ImportReport&)>& progress,
                                       const std::atomic<bool>& stop, bool theirs = false);

}  // namespace news
