#pragma once

#include "change_service.hpp"
#include "http/router.hpp"

namespace django {

/// `POST /v1/migration/changes`. What it is given outlives the router.
class Routes {
public:
    explicit Routes(ChangeService& changes) : changes_(changes) {}
    void add_to(http::Router& router);

private:
    base::Task<http::Response> push(const http::Request& request);

    ChangeService& changes_;
};

}  // namespace django
