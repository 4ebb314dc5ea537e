#pragma once

#include "accounts_service.hpp"
#include "api_keys_service.hpp"
#include "authenticator_service.hpp"
#include "http/router.hpp"
#include "login_service.hpp"

namespace identity {

/// /v1/auth/… and the published keys. Lives as long as the router is used; its parts outlive it.
class Routes {
public:
    Routes(AccountsService& accounts, LoginService& logins,
           const AuthenticatorService& authenticator, const KeysService& keys,
           ApiKeysService& api_keys, const base::Clock& clock)
        : accounts_(accounts),
          logins_(logins),
          authenticator_(authenticator),
          keys_(keys),
          api_keys_(api_keys),
          clock_(clock) {}

    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer token(const http::Request& request);
    Answer refresh(const http::Request& request);
    Answer logout(const http::Request& request);
    Answer start_session(const http::Request& request);
    Answer session(const http::Request& request);
    Answer end_session(const http::Request& request);
    Answer me(const http::Request& request);
    Answer role(const http::Request& request);
    Answer status(const http::Request& request);
    Answer jwks(const http::Request& request);

    AccountsService& accounts_;
    LoginService& logins_;
    const AuthenticatorService& authenticator_;
    const KeysService& keys_;
    ApiKeysService& api_keys_;
    const base::Clock& clock_;
};

}  // namespace identity
