#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace news {

/// How many of a batch were new; changed since they were imported before (same source_id), so that
/// they are a new version now; or there already; or changed there and here, so that nothing was
/// done. An item that was removed here stays removed.
struct Imported {
    std::int64_t added = 0;
    std::int64_t updated = 0;
    std::int64_t already_there = 0;
    std::int64_t conflicts = 0;
    std::vector<std::string> conflicting{};  ///< their source_ids
};

}  // namespace news
