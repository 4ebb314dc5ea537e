#pragma once

#include <chrono>
#include <string>

#include "bus/log.hpp"
#include "database/database.hpp"
#include "operations/health.hpp"

namespace host {

/// What there is to say of a log whose newest event is dated `ahead` of the clock.
inline std::string clock_warning(std::chrono::seconds ahead) {
    return "events are dated up to " + std::to_string(ahead.count()) +
           " seconds later than the clock says: it was wrong then, or is now";
}

/// Whether a module's store has room, and what else there is to say of it, for /readyz. One that is
/// out is told there, and no reason to take everything else away. `database` outlives the check.
inline operations::Check store_check(std::string name, const database::Database& database,
                                     const bus::Log* log = nullptr) {
    return {std::move(name),
            [&database]() -> std::string {
                bool is_full =
                    database.state() == database::Database::State::open && !database.writable();
                return is_full ? "the store cannot be written" : "";
            },
            [&database, log]() -> std::string {
                auto warning = database.warning();
                auto ahead = log ? log->ahead_of_clock() : std::chrono::seconds(0);
                return warning.empty() && ahead.count() > 0 ? clock_warning(ahead) : warning;
            },
            [&database] { return !database.usable(); }};
}

}  // namespace host
