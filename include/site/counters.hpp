#pragma once

#include <map>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"
#include "news/queries.hpp"

namespace site {

/// The counts of the whole site.
struct SiteCounts {
    std::map<std::string, news::StateCounts> types;  ///< every configured news type
    news::StateCounts total;
};

/// How many articles the site has: the sum of what the news types keep, each as of now.
/// Thread-safe. Whoever calls has checked that the actor may. Refused as news::Queries is: a total
/// without one type would be wrong.
class Counters {
public:
    virtual ~Counters() = default;
    virtual base::Task<SiteCounts> counts(base::Context context) const = 0;
};

}  // namespace site
