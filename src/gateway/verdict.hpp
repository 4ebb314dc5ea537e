#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "gateway/migration.hpp"
#include "legacy/compare_report.hpp"

namespace gateway {

/// Whether a route may be switched: enough answers were compared, no more of them differ than may
/// (95 % sure), and for some time there was no new kind of difference. Pure.
Verdict verdict(const legacy::CompareReport& compared, const ReadyLimits& limits, base::Time now);

/// Whether the whole site may be: every route is native or ready. Pure.
Verdict verdict(const std::vector<RouteReport>& routes);

/// Whether the migration may be finished: every route is native, the monolith owns no model, and
/// nobody has asked it for so long as no new kind of difference may be seen, in which we have
/// listened. `owned`: the models that it owns. `since`: when we began to listen. Pure.
Verdict finish_verdict(const MigrationReport& report, const std::vector<std::string>& owned,
                       const ReadyLimits& limits, base::Time since, base::Time now);

}  // namespace gateway
