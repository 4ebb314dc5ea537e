#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"

namespace site {

/// How many articles are in each state.
struct StateCounts {
    std::int64_t draft = 0;
    std::int64_t scheduled = 0;  ///< drafts that have a time
    std::int64_t published = 0;
    std::int64_t removed = 0;

    bool operator==(const StateCounts&) const = default;
};

/// The counts of the whole site.
struct SiteCounts {
    std::map<std::string, StateCounts> types;  ///< every configured news type
    StateCounts total;
    std::int64_t behind = 0;  ///< events of the news logs that are not counted yet
};

/// How many articles the site has. The numbers are kept as the news is heard, never counted when
/// asked. Thread-safe. Whoever calls has checked that the actor may. Refused as
/// database::Database::read is.
class Counters {
public:
    virtual ~Counters() = default;
    virtual base::Task<SiteCounts> counts(base::Context context) const = 0;
};

}  // namespace site
