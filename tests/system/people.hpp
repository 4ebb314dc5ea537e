#pragma once

#include <cstdint>
#include <string>

#include "support/json_checks.hpp"
#include "support/portal_process.hpp"

namespace tests {

/// Somebody who has an account, and what that person knows.
struct Person {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    std::string password;

    std::string path() const { return "/v1/users/" + std::to_string(id); }
    std::string interests_path() const { return "/v1/recommendation/user/" + std::to_string(id); }
};

/// What a login gives.
struct Login {
    std::string access;
    std::string refresh;

    support::Fields bearer() const { return {{"Authorization", "Bearer " + access}}; }
};

/// What a login of a browser gives.
struct Session {
    std::string cookie;  ///< as the field Cookie takes it
    std::string csrf;

    support::Fields reading() const { return {{"Cookie", cookie}}; }
    support::Fields changing() const { return {{"Cookie", cookie}, {"X-CSRF-Token", csrf}}; }
};

/// Settings of a server on which access rules hold.
nlohmann::json enforced();

/// A person of that name who is not known yet, with an address and a password made from it.
Person stranger(const std::string& name);

/// Registers over HTTP; holds the answer to the contract.
Person register_person(const support::PortalProcess& portal, const std::string& name);

/// `portal user create`, with the password on standard input.
support::Finished create_by_command(const support::PortalProcess& portal, const std::string& role,
                                    const Person& person);
/// The same, which must succeed.
Person create_person(const support::PortalProcess& portal, const std::string& role,
                     const std::string& name);

/// POST /v1/auth/token.
support::Answer ask_token(const support::PortalProcess& portal, const std::string& email,
                          const std::string& password);
/// The same for somebody who can log in; holds the answer to the contract.
Login log_in(const support::PortalProcess& portal, const Person& person);
/// POST /v1/auth/refresh.
support::Answer ask_refresh(const support::PortalProcess& portal, const std::string& refresh_token);
/// The pair in an answer; empty texts if it has none.
Login login_of(const support::Answer& answer);

/// POST /v1/auth/session for somebody who can log in; holds the answer to the contract.
Session start_session(const support::PortalProcess& portal, const Person& person);

/// PUT /v1/auth/users/{id}/role, which must succeed.
void give_role(const support::PortalProcess& portal, const Login& admin, const Person& person,
               const std::string& role);

/// The role that GET /v1/auth/me tells; empty if these fields are nobody's.
std::string role_of(const support::PortalProcess& portal, const support::Fields& fields);

/// What is wrong with a user as answered; empty if all is well.
std::string user_faults(const nlohmann::json& user, const Person& person);
/// The same of a reader's labels: their form, and that they are in order.
std::string interests_faults(const nlohmann::json& interests);
/// The labels, or the ids of readers, of such a list, in order.
nlohmann::json ids_in(const support::Answer& list);

/// Creates an item as somebody, which must succeed.
nlohmann::json create_as(const support::PortalProcess& portal, const support::Fields& fields,
                         const std::string& type, const nlohmann::json& item);

}  // namespace tests
