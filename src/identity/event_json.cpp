#include "event_json.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_writer.hpp"

namespace identity {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* names[] = {
    "role_changed.v1",     "account_disabled.v1", "account_enabled.v1",
    "password_changed.v1", "account_erased.v1",   "logins_ended.v1",
    "login_succeeded.v1",  "login_failed.v1",     "all_logins_ended.v1"};
static_assert(std::size(names) == std::variant_size_v<Event>);

std::int64_t number(const Json& body, const char* member) {
    return body.at(member).get<std::int64_t>();
}

Event event_from(const bus::Event& event, const Json& body) {
    auto id = event.stream;
    const auto& type = event.type;
    if (type == names[0]) {
        auto role = role_of(body.at("role").get<std::string>());
        if (!role) throw std::runtime_error("a stored event has a role that is none");
        return RoleChanged{id, *role, number(body, "epoch")};
    }
    if (type == names[1]) return AccountDisabled{id, number(body, "epoch")};
    if (type == names[2]) return AccountEnabled{id, number(body, "epoch")};
    if (type == names[3]) return PasswordChanged{id, number(body, "epoch")};
    if (type == names[4]) return AccountErased{id};
    if (type == names[5]) return LoginsEnded{id, number(body, "login")};
    if (type == names[6]) return LoginSucceeded{id};
    if (type == names[7]) return LoginFailed{id};
    if (type == names[8]) return AllLoginsEnded{id, number(body, "epoch")};
    throw std::runtime_error("an event of the unknown type " + type);
}

}  // namespace

std::string_view name_of(const Event& event) {
    return names[event.index()];
}

UserId user_of(const Event& event) {
    return std::visit([](const auto& one) { return one.id; }, event);
}

std::string to_json(const Event& event) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("id", user_of(event));
    if (const auto* changed = std::get_if<RoleChanged>(&event)) {
        json.member("role", name_of(changed->role));
    }
    if (const auto* ended = std::get_if<LoginsEnded>(&event)) json.member("login", ended->login);
    std::visit(
        [&](const auto& one) {
            if constexpr (requires { one.epoch; }) json.member("epoch", one.epoch);
        },
        event);
    json.close('}');
    return body;
}

Event account_event(const bus::Event& event) {
    try {
        return event_from(event, Json::parse(event.body));
    } catch (const Json::exception& failure) {
        throw std::runtime_error("a stored event cannot be read: " + std::string(failure.what()));
    }
}

}  // namespace identity
