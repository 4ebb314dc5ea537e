#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/snapshot.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "gateway/migration.hpp"
#include "mode_history.hpp"

namespace gateway {

/// What a route is set to, as it is kept.
struct StoredMode {
    RouteState state{};
    std::int64_t version = 0;
    base::Time changed_at{};
    std::optional<std::int64_t> changed_by{};
    bool can_undo = false;
};

/// What all configured routes are set to, by their number. Immutable once it is shared.
struct ModeTable {
    std::vector<StoredMode> modes;
    std::optional<base::Time> finished_at{};  ///< then the monolith is asked nothing any more
    bool is_known = false;  ///< false: the log cannot be read, and this is the configuration
};

/// What is said while ModeTable::is_known is false.
base::Error routes_unknown();

/// A route as the configuration has it.
struct FirstMode {
    std::string route;
    RouteState state;
};

/// The modes of the routes: their events in the log, and what follows from them for all threads to
/// read. Thread-safe.
class ModeStore {
public:
    /// `routes`: in the order of the configuration.
    ModeStore(database::Database& database, bus::Log& log, const base::Clock& clock,
              std::vector<FirstMode> routes);

    /// Folds the log, and records a route that is not in it as the configuration has it. At start,
    /// once; gives those of which the log says something else than the configuration. Refused as
    /// the database refuses; then the configuration holds, see ModeTable::is_known.
    base::Task<std::vector<std::size_t>> load();

    /// `route`: its number. The table has it when the task is done. Refused as Migration::set().
    base::Task<StoredMode> set(std::size_t route, ModeChange wanted, base::Command command);
    base::Task<StoredMode> undo(std::size_t route, base::Command command);
    /// Records that the migration is finished, once; gives when it was. Refused with
    /// `migration_not_ready` if a route is not native.
    base::Task<base::Time> finish(base::Context context);

    const base::Snapshot<ModeTable>& table() const { return table_; }

private:
    template <class Decide>
    base::Task<StoredMode> change(std::size_t route, base::Command command, Decide decide);
    StoredMode append(database::Transaction& transaction, std::size_t route, ModeHistory history,
                      const Event& event, const base::Context& context);

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    const std::vector<FirstMode> routes_;
    base::Snapshot<ModeTable> table_;
};

/// The migrations of `gateway.db`.
std::vector<database::MigrationSet> schema();

}  // namespace gateway
