#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "site/redirects.hpp"

namespace site {

/// The table `redirects`, and its events in the log. Thread-safe.
class RedirectStore {
public:
    RedirectStore(database::Database& database, bus::Log& log, const base::Clock& clock,
                  std::int64_t redirects_max);

    /// Reads how many there are. At start.
    base::Task<void> load();

    /// `changes` keep the rules of an address; those of chains and of the count are looked at here.
    base::Task<RedirectsStored> change(std::vector<RedirectChange> changes, Command command);
    base::Task<std::vector<Redirect>> list(std::string after, std::int64_t limit,
                                           base::Context context) const;
    base::Task<std::vector<Redirect>> imported_of(std::string prefix, std::string after,
                                                  std::int64_t limit, base::Context context) const;
    /// `path` in its one spelling.
    base::Task<Resolution> resolve(std::string path, std::int64_t hops_max,
                                   base::Context context) const;

    std::int64_t total() const { return total_.load(std::memory_order_relaxed); }

private:
    base::Result<RedirectsStored> apply(database::Transaction& transaction,
                                        const std::vector<RedirectChange>& changes,
                                        const Command& command);

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    const std::int64_t redirects_max_;
    std::atomic<std::int64_t> total_{0};
};

/// The migrations of `site.db`.
std::vector<database::MigrationSet> schema();

}  // namespace site
