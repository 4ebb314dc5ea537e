#pragma once

#include "http/router.hpp"
#include "sign_service.hpp"

namespace gateway {

/// Who looks like an attack: for operators and admins.
class ClientRoutes {
public:
    explicit ClientRoutes(const SignService& signs) : signs_(signs) {}

    void add_to(http::Router& router);
    /// For the operations listener, which has no logins.
    void add_operator_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;
    Answer all(const http::Request& request);
    Answer forget(const http::Request& request);

    const SignService& signs_;
};

}  // namespace gateway
