#pragma once

#include <functional>
#include <string>
#include <vector>

#include "database/database.hpp"
#include "site/counters.hpp"

namespace site {

/// The counts of this process's own store.
class CountService final : public Counters {
public:
    /// `behind`: how many events are not counted yet; thread-safe.
    CountService(database::Database& database, std::vector<std::string> types,
                 std::function<std::int64_t()> behind);
    base::Task<SiteCounts> counts(base::Context context) const override;

private:
    database::Database& database_;
    const std::vector<std::string> types_;
    const std::function<std::int64_t()> behind_;
};

}  // namespace site
