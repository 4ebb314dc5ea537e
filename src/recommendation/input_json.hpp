#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "visit_store.hpp"

namespace recommendation {

/// How visits that a client tells of are read.
struct VisitRules {
    std::int64_t visits_max = 1000;
    std::chrono::milliseconds short_view{};  ///< who stays less has not read it
};

/// Visits as a client tells of them: {session, visits: [{kind, item, at, event_id, dwell_ms}]}.
struct GivenVisits {
    std::string session;
    std::vector<ReaderVisit> visits{};  ///< of nobody yet
};

/// Refused with `malformed_visits`, with all problems, and `too_many_visits`.
base::Result<GivenVisits> visits_from_json(const nlohmann::json& body, const VisitRules& rules,
                                           base::Time now);
/// {personalisation}. Refused with `malformed_privacy`.
base::Result<bool> personalisation_from_json(const nlohmann::json& body);

}  // namespace recommendation
