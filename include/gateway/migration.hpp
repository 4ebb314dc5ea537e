#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "base/traffic.hpp"
#include "gateway/mode.hpp"
#include "legacy/compare_report.hpp"

namespace gateway {

/// When a route is ready; describe() says what each means.
struct ReadyLimits {
    std::int64_t compared_min = 1000;
    std::int64_t differs_max_millionths = 3000;
    std::int64_t quiet_h = 24;
};

/// What is to become of a route; what is not said stays.
struct ModeChange {
    Mode mode = Mode::proxied;
    std::optional<std::int64_t> percent{};
    std::optional<std::int64_t> compare_percent{};
};

/// One route as configured, and what it is set to.
struct MigrationRoute {
    std::string name;
    std::string path;
    std::vector<std::string> methods{};  ///< empty: all
    RouteState state{};
    std::int64_t version = 0;  ///< how many changes; 1 as configured
    base::Time changed_at{};
    std::optional<std::int64_t> changed_by{};  ///< nothing: the configuration or the command line
    bool can_undo = false;
};

/// Whether something is ready, and if not what is missing, in sentences.
struct Verdict {
    bool ready = false;
    std::vector<std::string> missing{};
};

/// When the monolith was last asked, and for what.
struct LegacyHit {
    base::Time at{};
    std::string method;
    std::string path;
};

/// How a route is doing.
struct RouteReport {
    MigrationRoute route{};
    base::TrafficCounts legacy{};  ///< what the monolith answered
    base::TrafficCounts native{};
    std::optional<LegacyHit> last_legacy{};  ///< since the start
    legacy::CompareReport compared{};
    Verdict verdict{};
};

/// What finishing has left behind.
struct MigrationFinish {
    base::Time at{};
    std::int64_t accounts = 0;  ///< of how many what Django's logins depend on was erased now
};

/// How all of them are doing.
struct MigrationReport {
    std::vector<RouteReport> routes{};
    base::TrafficCounts unmatched{};         ///< what the monolith answered and no route is for
    std::optional<LegacyHit> last_legacy{};  ///< by any route, or none
    std::optional<base::Time> finished_at{};
    Verdict verdict{};
};

/// The way off the monolith: who answers each configured route, and how far it has come.
/// Thread-safe. Whoever calls has checked that the actor may.
///
/// Refused besides as named with `route_not_found`, changes with `migration_finished` (conflict)
/// once it is, and as database::Database::write is.
class Migration {
public:
    virtual ~Migration() = default;

    /// In the order of the configuration.
    /// Refused with `routes_unknown` (unavailable) while what the routes are set to cannot be read;
    /// then all that is said of them is what the configuration says, and what names one is refused
    /// likewise.
    virtual base::Result<void> known() const = 0;
    virtual std::vector<MigrationRoute> routes() const = 0;
    virtual base::Result<MigrationRoute> route(const std::string& name) const = 0;

    /// Holds for every request that comes after it is done, on every thread. Refused with
    /// `invalid_mode` and details; `no_native_route` where we could answer nothing at all;
    /// `version_conflict`, `precondition_failed`, `idempotency_key_reused`.
    virtual base::Task<MigrationRoute> set(std::string name, ModeChange wanted,
                                           base::Command command) = 0;
    /// Back by one step; again: by one more. Refused with `nothing_to_undo` (conflict), and as
    /// set().
    virtual base::Task<MigrationRoute> undo(std::string name, base::Command command) = 0;

    /// The end of the road, and no way back: the monolith is asked nothing any more, its logins do
    /// not count, and what they depend on is erased here. Once more does what was not done yet.
    /// Refused with `no_upstream` (conflict) where there is no monolith, and with
    /// `migration_not_ready` (conflict) and all that is missing: each route is native, and for
    /// ReadyLimits::quiet_h nobody asked the monolith, but for paths that meet no rule.
    virtual base::Task<MigrationFinish> finish(base::Context context) = 0;

    virtual MigrationReport report() const = 0;
    virtual base::Result<RouteReport> report(const std::string& name) const = 0;
    /// What was compared counts no more: after what made it differ is mended.
    virtual base::Task<void> restart(std::string name, base::Context context) = 0;
};

}  // namespace gateway
