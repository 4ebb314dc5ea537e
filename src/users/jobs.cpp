#include "jobs.hpp"

#include "base/ids.hpp"

namespace users {

using Json = nlohmann::json;

namespace {

/// Identity's problems are what stands behind the name of the field.
std::string sentence_of(const base::Problem& problem) {
    bool is_whole = problem.message.ends_with('.');
    return is_whole ? problem.message : "The " + problem.field + " " + problem.message + ".";
}

base::Result<Json> create(Users& users, const base::Clock& clock, const Json& arguments) {
    NewUser user{arguments.at("name"), arguments.at("email"), arguments.at("password")};
    auto role = identity::role_of(arguments.at("role").get<std::string>());
    if (!role) {
        return base::Error{base::Reason::invalid, "unknown_role",
                           "A role is one of reader, author, editor, admin."};
    }
    user.role = *role;
    user.login = arguments.value("login", "");
    Command command;
    command.context.actor.role = base::Role::admin;
    command.context.request_id = "user-create-" + base::make_uuid_v7(clock.now());
    auto created = base::run(users.create(std::move(user), std::move(command)));
    if (!created) {
        auto error = created.error();
        for (const auto& problem : error.details) error.message += " " + sentence_of(problem);
        return error;
    }
    return {boost::system::in_place_value, Json{{"id", created->id}}};
}

}  // namespace

operations::NamedJob user_create_job(Users& users, const base::Clock& clock) {
    return {"user_create", [&users, &clock](const Json& arguments, operations::Progress&) {
                return create(users, clock, arguments);
            }};
}

}  // namespace users
