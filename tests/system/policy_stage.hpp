#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/portal_process.hpp"

namespace tests {

/// What a question of the policy table is about.
struct Subject {
    nlohmann::json values = nlohmann::json::object();  ///< for `{name}` in target and body
    std::int64_t id = 0;                               ///< by which lists would show it; 0: none
    std::string secret{};         ///< what nobody may read who is refused: a title, an address …
    std::string email{};          ///< whether an answer has it is asked of some routes
    std::string authorization{};  ///< if set, the caller asks with this one
};

/// A server in enforced mode, and all callers and objects of the policy table in it.
class PolicyStage {
public:
    PolicyStage();

    /// One request; `body` null: none. `authorization` empty: no such field.
    support::Answer ask(const std::string& method, const std::string& target,
                        const nlohmann::json& body, const std::string& authorization);
    /// The Authorization field of a caller; empty for anonymous.
    std::string authorization_of(const std::string& caller) const;

    struct Wanted {
        std::string family;
        std::string object;
        std::string caller;
        bool by_id = false;    ///< the route names one object, it is no list
        bool changes = false;  ///< the request will change it: one of its own, if need be
        bool erases = false;   ///< the request will make it go, and the caller if it is that
    };
    Subject subject(const Wanted& wanted);
    /// What an admin sees of it now; empty if there is nothing to see.
    std::string state_of(const std::string& family, const Subject& subject);

private:
    struct Person {
        std::int64_t id = 0;
        std::string email;
        std::string password;
        std::string role;
        std::string access_token;
        std::string refresh_token;
    };

    void make_admin();
    void make_people();
    void make_items();
    void make_imported_items();
    void end_roles();
    void let_colleague_read();

    Person make_person(const std::string& role);
    Person stranger() const;
    void set_role(Person& person, const std::string& role);
    void log_in(Person& person);
    nlohmann::json must(const std::string& method, const std::string& target,
                        const nlohmann::json& body, const Person* by, int status);

    Subject make_item(const std::string& owner, const std::string& state, bool tagged);
    Subject item(const Wanted& wanted);
    Subject person(const Wanted& wanted);
    Subject credentials(const Wanted& wanted);
    Subject refresh_token(const Wanted& wanted);
    Subject api_key(const Wanted& wanted);
    Subject webhook(const Wanted& wanted);
    nlohmann::json make_key(const std::string& role);
    Subject list(const Wanted& wanted);
    Subject preview_link(const Wanted& wanted);
    Subject media(const Wanted& wanted);
    std::int64_t send_file(const std::string& file, const Person& by);
    void show(std::int64_t id, const std::string& status);
    Subject migration_route(const Wanted& wanted);
    Subject label(const Wanted& wanted);
    /// Whose things are `own` for a caller; empty for anonymous.
    static std::string owner_of(const std::string& caller);

    support::PortalProcess portal_;
    std::unique_ptr<support::HttpClient> client_;
    std::map<std::string, Person> people_;
    std::map<std::pair<std::string, std::string>, Subject> items_;       ///< by owner and state
    std::map<std::pair<std::string, std::string>, std::int64_t> media_;  ///< likewise
    std::int64_t webhook_ = 0;
    std::string expired_token_;
    std::string tampered_token_;
    std::string spent_refresh_token_;
    std::string revoked_key_;
    int counter_ = 0;  ///< names of things made
};

}  // namespace tests
