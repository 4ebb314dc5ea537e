#pragma once

#include "http/router.hpp"
#include "recommendation/recommendations.hpp"

namespace recommendation {

/// /v1/recommendation/…: reads the path, asks the service, answers bare arrays.
class Routes {
public:
    explicit Routes(const Recommendations& recommendations) : recommendations_(recommendations) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer user(const http::Request& request);
    Answer label(const http::Request& request);

    const Recommendations& recommendations_;
};

}  // namespace recommendation
