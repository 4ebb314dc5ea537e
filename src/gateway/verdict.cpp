#include "verdict.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace gateway {

namespace {

constexpr const char* no_route = "No route is configured (gateway.routes).";

/// `0.3 %`, with as many digits as say something.
std::string percent_text(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %%", share * 100);
    return text;
}

std::string plural(std::int64_t count, const char* one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

Verdict verdict(const legacy::CompareReport& compared, const ReadyLimits& limits, base::Time now) {
    Verdict verdict;
    auto& missing = verdict.missing;
    if (compared.compared < limits.compared_min) {
        missing.push_back(plural(compared.compared, "answer") + " compared; " +
                          std::to_string(limits.compared_min) + " are needed.");
    }
    auto most = static_cast<double>(limits.differs_max_millionths) / 1e6;
    if (compared.compared > 0 && compared.differs_bound > most) {
        auto differ = compared.compared - compared.equal;
        missing.push_back(plural(differ, "answer") + " of " + std::to_string(compared.compared) +
                          (differ == 1 ? " differs" : " differ") + ", so up to " +
                          percent_text(compared.differs_bound) + " of all may; at most " +
                          percent_text(most) + " are allowed.");
    }
    // Silence is only worth something where somebody has listened for so long.
    auto quiet_since = std::max(compared.since, compared.last_new_kind);
    auto quiet = std::chrono::floor<std::chrono::hours>(now - quiet_since).count();
    if (compared.compared > 0 && quiet < limits.quiet_h) {
        bool differs = compared.last_new_kind >= compared.since && !compared.kinds.empty();
        missing.push_back(
            (differs ? "A new kind of difference was seen " : "Answers have been compared for ") +
            plural(std::max<std::int64_t>(quiet, 0), "hour") + (differs ? " ago; " : "; ") +
            plural(limits.quiet_h, "hour") + " without a new kind are needed.");
    }
    verdict.ready = missing.empty();
    return verdict;
}

Verdict verdict(const std::vector<RouteReport>& routes) {
    std::string names;
    std::int64_t count = 0;
    for (const auto& one : routes) {
        if (one.verdict.ready || one.route.state.mode == Mode::native) continue;
        ++count;
        names += (names.empty() ? "" : ", ") + one.route.name;
    }
    Verdict verdict;
    if (routes.empty()) {
        verdict.missing.push_back(no_route);
    } else if (count > 0) {
        verdict.missing.push_back(plural(count, "route") + " of " + std::to_string(routes.size()) +
                                  (count == 1 ? " is" : " are") +
                                  " neither native nor ready: " + names + ".");
    }
    verdict.ready = verdict.missing.empty();
    return verdict;
}

Verdict finish_verdict(const MigrationReport& report, const std::vector<std::string>& owned,
                       const ReadyLimits& limits, base::Time since, base::Time now) {
    Verdict verdict;
    auto& missing = verdict.missing;
    if (report.routes.empty()) missing.push_back(no_route);
    for (const auto& one : report.routes) {
        auto mode = one.route.state.mode;
        if (mode == Mode::native) continue;
        missing.push_back("The route " + one.route.name + " is " + std::string(name_of(mode)) +
                          ", not native.");
    }
    for (const auto& model : owned) {
        missing.push_back("The monolith owns " + model + " (PUT /v1/migration/models/" + model +
                          ").");
    }
    auto hours_since = [now](base::Time then) {
        return std::max<std::int64_t>(std::chrono::floor<std::chrono::hours>(now - then).count(),
                                      0);
    };
    auto needed = plural(limits.quiet_h, "hour") + " in which nobody does are needed.";
    const auto& last = report.last_legacy;
    if (last && hours_since(last->at) < limits.quiet_h) {
        missing.push_back("The monolith was asked " + plural(hours_since(last->at), "hour") +
                          " ago (" + last->method + " " + last->path + "); " + needed);
    } else if (hours_since(since) < limits.quiet_h) {
        missing.push_back("Whether the monolith is asked was watched for " +
                          plural(hours_since(since), "hour") + "; " + needed);
    }
    verdict.ready = missing.empty();
    return verdict;
}

}  // namespace gateway
