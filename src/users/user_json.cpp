#include "user_json.hpp"

namespace users {

namespace {

using nlohmann::json;

/// A member that is a text, or absent. Puts what is wrong with it into `problems`.
std::optional<std::string> text_in(const json& body, const char* member,
                                   std::vector<base::Problem>& problems) {
    auto found = body.find(member);
    if (found == body.end()) return std::nullopt;
    if (!found->is_string()) {
        problems.push_back({member, std::string(member) + " must be a text."});
        return std::nullopt;
    }
    return found->get<std::string>();
}

base::Result<UserChange> members_of(const json& body) {
    if (!body.is_object()) {
        return base::Error{base::Reason::invalid, "malformed_user", "The body must be an object."};
    }
    std::vector<base::Problem> problems;
    UserChange members;
    members.name = text_in(body, "name", problems);
    members.email = text_in(body, "email", problems);
    members.password = text_in(body, "password", problems);
    if (!problems.empty()) {
        return base::Error{base::Reason::invalid, "malformed_user",
                           "Some members have the wrong type.", std::move(problems)};
    }
    return members;
}

}  // namespace

base::Result<NewUser> new_user_from_json(const json& body) {
    auto members = members_of(body);
    if (!members) return members.error();
    std::vector<base::Problem> problems;
    if (!members->name) problems.push_back({"name", "A name is needed."});
    if (!members->email) problems.push_back({"email", "An e-mail address is needed."});
    if (!members->password) problems.push_back({"password", "A password is needed."});
    if (!problems.empty()) {
        return base::Error{base::Reason::invalid, "invalid_user",
                           "The user cannot be stored like that.", std::move(problems)};
    }
    return NewUser{std::move(*members->name), std::move(*members->email),
                   std::move(*members->password)};
}

base::Result<UserChange> user_change_from_json(const json& body) {
    auto members = members_of(body);
    if (members && !members->name && !members->email && !members->password) {
        return base::Error{base::Reason::invalid, "invalid_user",
                           "Name at least one of name, email and password."};
    }
    return members;
}

nlohmann::ordered_json to_json(const User& user) {
    nlohmann::ordered_json email;
    if (!user.email.empty()) email = user.email;
    return {{"id", user.id},
            {"name", user.name},
            {"email", std::move(email)},
            {"created_at", base::to_rfc3339(user.created_at)},
            {"updated_at", base::to_rfc3339(user.updated_at)}};
}

}  // namespace users
