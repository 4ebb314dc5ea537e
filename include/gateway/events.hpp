#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bus/event.hpp"
#include "gateway/mode.hpp"

namespace gateway {

/// What happened to the routes, for ever. A stored event of any version must decode for as long as
/// there are archives. Each route is a stream of its own; who did it is the event's actor, nobody
/// for the configuration and the command line.

/// `route_mode_changed.v1`
struct RouteModeChanged {
    std::string route;
    std::optional<RouteState> before{};  ///< nothing: the route is new, as configured
    RouteState after;
};

/// `route_mode_undone.v1`: back by one step, to what was before the last change that still stood.
struct RouteModeUndone {
    std::string route;
    RouteState before;
    RouteState after;
};

/// `migration_finished.v1`: nobody asks the monolith any more. A stream of its own, of one event.
struct MigrationFinished {};

using Event = std::variant<RouteModeChanged, RouteModeUndone, MigrationFinished>;

/// The stored name of an event: `route_mode_changed.v1`.
std::string_view name_of(const Event& event);
/// Empty if it is about none.
std::string_view route_of(const Event& event);

/// The stream of a route's events, or with an empty name that of the migration's own: made of the
/// name, the same on every machine.
std::int64_t stream_of(std::string_view route);

/// What an event of the gateway's log says, for everybody who hears one. Throws std::runtime_error
/// for a name or a body that no version of this program has written.
Event gateway_event(const bus::Event& event);

}  // namespace gateway
