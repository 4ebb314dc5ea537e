#include "mode_history.hpp"

#include <algorithm>

namespace gateway {

namespace {

using base::Error;
using base::Reason;

base::Result<void> check_expected(const ModeHistory& history,
                                  const std::optional<base::Expected>& expected) {
    if (!expected || expected->any) return {};
    const auto& versions = expected->versions;
    if (std::find(versions.begin(), versions.end(), history.version) != versions.end()) return {};
    auto now = "It has version " + std::to_string(history.version) + " now; read it again.";
    if (expected->from_header) {
        return Error{Reason::precondition,
                     "precondition_failed",
                     "The route is not the one that If-Match names. " + now,
                     {},
                     history.version};
    }
    return Error{Reason::conflict,
                 "version_conflict",
                 "Somebody else has changed this route. " + now,
                 {},
                 history.version};
}

void check_share(const char* member, const std::optional<std::int64_t>& share,
                 std::vector<base::Problem>& problems) {
    if (share && (*share < 0 || *share > 100)) {
        problems.push_back({member, "must be a whole number from 0 to 100"});
    }
}

}  // namespace

void apply(ModeHistory& history, const Event& event) {
    ++history.version;
    auto& steps = history.steps;
    if (const auto* undone = std::get_if<RouteModeUndone>(&event)) {
        if (!steps.empty()) steps.pop_back();
        // Further back than is remembered the event itself says what there was.
        if (steps.empty()) {
            steps.push_back(undone->after);
        } else {
            steps.back() = undone->after;
        }
        return;
    }
    steps.push_back(std::get<RouteModeChanged>(event).after);
    if (steps.size() > ModeHistory::steps_max + 1) steps.erase(steps.begin());
}

base::Result<std::optional<Event>> change(const std::string& route, const ModeHistory& history,
                                          const ModeChange& wanted,
                                          const std::optional<base::Expected>& expected) {
    auto allowed = check_expected(history, expected);
    if (!allowed) return allowed.error();
    std::vector<base::Problem> problems;
    check_share("percent", wanted.percent, problems);
    check_share("compare_percent", wanted.compare_percent, problems);
    if (!problems.empty()) {
        auto message = "The mode cannot be set: " + problems.front().field + " " +
                       problems.front().message + ".";
        return Error{Reason::invalid, "invalid_mode", std::move(message), std::move(problems)};
    }
    RouteModeChanged changed{route, std::nullopt, {}};
    if (!history.steps.empty()) {
        changed.before = history.current();
        changed.after = history.current();
    }
    changed.after.mode = wanted.mode;
    changed.after.percent = wanted.percent.value_or(changed.after.percent);
    changed.after.compare_percent = wanted.compare_percent.value_or(changed.after.compare_percent);
    if (changed.before == changed.after) return std::optional<Event>();
    return std::optional<Event>(std::move(changed));
}

base::Result<Event> undo(const std::string& route, const ModeHistory& history,
                         const std::optional<base::Expected>& expected) {
    auto allowed = check_expected(history, expected);
    if (!allowed) return allowed.error();
    if (!history.can_undo()) {
        return Error{Reason::conflict, "nothing_to_undo",
                     "There is no change of the route " + route + " that could be undone."};
    }
    const auto& steps = history.steps;
    return Event(RouteModeUndone{route, steps.back(), steps[steps.size() - 2]});
}

}  // namespace gateway
