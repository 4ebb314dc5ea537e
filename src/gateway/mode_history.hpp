#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "base/result.hpp"
#include "gateway/events.hpp"
#include "gateway/migration.hpp"
#include "gateway/mode.hpp"

namespace gateway {

/// What the rules must remember about one route, folded from its events.
struct ModeHistory {
    /// So many changes may be undone.
    static constexpr std::size_t steps_max = 100;

    std::int64_t version = 0;         ///< of its newest event; 0: there is none
    std::vector<RouteState> steps{};  ///< those that still stand; the last is in force
    base::Time changed_at{};
    std::optional<std::int64_t> changed_by{};

    const RouteState& current() const { return steps.back(); }
    bool can_undo() const { return steps.size() > 1; }
};

void apply(ModeHistory& history, const Event& event);

/// What a change makes of a route; nothing if it is so already. Refused with `version_conflict`,
/// `precondition_failed`, and `invalid_mode` with details. Pure.
base::Result<std::optional<Event>> change(const std::string& route, const ModeHistory& history,
                                          const ModeChange& wanted,
                                          const std::optional<base::Expected>& expected);

/// Back by one step. Refused likewise, and with `nothing_to_undo` (conflict). Pure.
base::Result<Event> undo(const std::string& route, const ModeHistory& history,
                         const std::optional<base::Expected>& expected);

}  // namespace gateway
