#pragma once

#include "http/router.hpp"
#include "interest_service.hpp"

namespace recommendation {

/// /v1/recommendation/…: reads the path, asks the service, answers bare arrays.
class Routes {
public:
    explicit Routes(const InterestService& interests) : interests_(interests) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer user(const http::Request& request);
    Answer label(const http::Request& request);

    const InterestService& interests_;
};

}  // namespace recommendation
