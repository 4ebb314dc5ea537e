#pragma once

#include <chrono>
#include <cstdint>

#include "http/router.hpp"

namespace http {

/// Says for each request of a listener who answers it: whom the router found, or a route that no
/// router has. Called on the I/O threads, from all of them at once; must not block, and must not
/// allocate for a request that it leaves alone.
class RouteChooser {
public:
    virtual ~RouteChooser() = default;

    struct Choice {
        Router::Match match;
        /// Not 0: answered() is told what became of the request.
        std::uint32_t ticket = 0;
    };

    /// The listener's router in its final form, before the server starts; it outlives the chooser's
    /// use.
    virtual void begin(const Router& router) = 0;
    /// Once for each request that has a path, right after the router has matched it: before the
    /// interceptors, so `request.peer` is whoever holds the connection.
    virtual Choice choose(Request& request, Router::Match match) const = 0;
    /// `took`: from its head to its answer's end. `status` 0: there was none.
    virtual void answered(std::uint32_t ticket, int status,
                          std::chrono::microseconds took) const = 0;
};

}  // namespace http
