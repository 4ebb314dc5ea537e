#pragma once

#include <string>

#include "base/clock.hpp"
#include "http/router.hpp"
#include "hub_service.hpp"
#include "reader_service.hpp"

namespace live {

/// What is heard at one address, and how its readers are served.
struct Channel {
    Hub& hub;
    std::shared_ptr<Places> places;
    std::shared_ptr<Places> catch_ups;  ///< for those who read from the logs
    ReaderLimits limits{};
};

/// GET /v1/live and GET /v1/newsroom/live
class Routes {
public:
    /// All of it outlives the routes.
    Routes(const Channel& everybody, const Channel& newsroom, const ReaderCounters& counters,
           const base::Clock& clock);

    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer listen(const Channel& channel, const http::Request& request);

    const Channel& everybody_;
    const Channel& newsroom_;
    const ReaderCounters& counters_;
    const base::Clock& clock_;
};

}  // namespace live
