#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "site/lists.hpp"

namespace site {

/// The table `lists`, and its events in the log. Thread-safe. Refuses as Lists does.
class ListStore {
public:
    ListStore(database::Database& database, bus::Log& log, const base::Clock& clock,
              std::int64_t lists_max);

    base::Task<std::vector<ListSummary>> all(base::Context context) const;
    base::Task<List> list(std::string name, base::Context context) const;
    base::Task<ListHistory> history(std::string name, std::int64_t after, std::int64_t limit,
                                    base::Context context) const;
    /// Name and entries keep the rules.
    base::Task<PutList> put(std::string name, std::vector<ListEntry> entries, Command command);
    base::Task<std::int64_t> remove(std::string name, Command command);

private:
    base::Result<PutList> apply(database::Transaction& transaction, const std::string& name,
                                const std::vector<ListEntry>& entries, const Command& command);

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    const std::int64_t lists_max_;
};

}  // namespace site
