#pragma once

#include <vector>

#include "manifest.hpp"

namespace backup {

/// Which of the backups go, by their ids: all but the newest `keep_count`, and what is older than
/// `keep_days` (0: nothing is); never the newest one. `all`: the oldest first.
std::vector<std::string> superseded(const std::vector<Manifest>& all, base::Time now,
                                    std::int64_t keep_count, std::int64_t keep_days);

/// How many of a log's segments, from the first on, stay as they are when more events come: the
/// last ones are made one with the new events once there are many and they are small, so that
/// hourly backups of years are some dozen files.
std::size_t segments_kept(const std::vector<Segment>& segments);

}  // namespace backup
