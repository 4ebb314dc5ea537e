#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace operations {

/// What a monitoring system in the manner of Nagios takes from a plugin: the exit code.
enum class Severity { ok = 0, warning = 1, critical = 2, unknown = 3 };

/// The exit code, and the one line with it: `PORTAL OK - 0 events behind | backlog=0;100;1000;0`.
struct Verdict {
    Severity severity = Severity::unknown;
    std::string line;
};

/// Where a number becomes a warning, and where it is critical; in the unit of what is looked at.
struct Thresholds {
    std::optional<double> warning{};
    std::optional<double> critical{};
};

/// One thing that a number of /metrics tells.
struct Measure {
    std::string_view name;     ///< `backlog`
    std::string_view meaning;  ///< one line for who reads the help
    std::vector<std::string_view> metrics;
    enum class Take { most, sum, least } take = Take::most;
    double warning = 0;
    double critical = 0;
    bool low_is_bad = false;
    std::string_view unit{};     ///< of the perfdata: `%`, `B`, `s` or none
    std::string_view wording{};  ///< behind the number in the line
};

/// All that there is beside `ready`.
const std::vector<Measure>& measures();

/// From the texts of /metrics (classic form). Nobody has the number, as that of a certificate where
/// there is no TLS: unknown.
Verdict judge(const Measure& measure, std::string_view metrics, const Thresholds& thresholds,
              base::Time now);
/// From the answer of /readyz: warnings are one, 503 is critical.
Verdict judge_ready(int status, const std::string& body);
/// What could not be asked at all.
Verdict nobody_answers(std::string_view what, const std::string& sentence);

}  // namespace operations
