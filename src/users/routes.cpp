#include "routes.hpp"

#include "base/text.hpp"
#include "http/command.hpp"
#include "http/json_body.hpp"
#include "user_json.hpp"

namespace users {

namespace {

using Answer = base::Task<http::Response>;
using http::Access;
using http::Method;
using http::RateClass;
using http::Request;
using http::Response;
using nlohmann::json;

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;
constexpr http::VersionTag version_tag{};
constexpr std::int64_t start_max = std::int64_t{1} << 40;
constexpr std::int64_t count_default = 10;
constexpr std::int64_t count_max = 100;

base::Result<UserId> id_of(const Request& request) {
    auto id = base::parse_number(request.parameter("id"), id_max);
    if (!id) return user_not_found();
    return *id;
}

/// `body` without its password: the hash that is kept of it is a fast one.
base::Result<Command> command_of(const Request& request, json body) {
    if (body.is_object()) body.erase("password");
    return version_tag.command(request, body.dump(-1, ' ', true, json::error_handler_t::replace));
}

Response user_answer(int status, const User& user) {
    Response response;
    response.status = status;
    response.body = to_json(user).dump();
    response.etag = version_tag.of(user.version);
    response.cache_control = "private, no-cache";
    if (status == 201) {
        response.fields.emplace_back("Location", "/v1/users/" + std::to_string(user.id));
    }
    return response;
}

/// A number that is clamped to a range; nothing if it is none.
std::optional<std::int64_t> clamped(const Request& request, std::string_view name,
                                    std::int64_t standard, std::int64_t least, std::int64_t most) {
    auto text = request.query_parameter(name);
    if (!text || text->empty()) return standard;
    bool is_negative = text->front() == '-';
    std::string_view digits(*text);
    if (is_negative) digits.remove_prefix(1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos)
        return std::nullopt;
    if (is_negative) return least;
    auto number = base::parse_number(digits, most);
    return std::max(least, number.value_or(most));
}

Response refuse(const Request& request, const base::Error& error) {
    return version_tag.refuse(request, error,
                              "Send the ETag of the user as it was given, or no If-Match.");
}

class Routes {
public:
    explicit Routes(UserService& users) : users_(users) {}

    Answer create(const Request& request) {
        auto read = http::json_body(request);
        if (auto* refused = std::get_if<Response>(&read)) co_return std::move(*refused);
        auto user = new_user_from_json(std::get<json>(read));
        if (!user) co_return http::failure(request, user.error());
        auto command = command_of(request, std::get<json>(read));
        if (!command) co_return http::failure(request, command.error());
        auto created = co_await users_.create(std::move(*user), std::move(*command));
        if (!created) co_return http::failure(request, created.error());
        co_return user_answer(201, *created);
    }

    Answer one(const Request& request) {
        auto id = id_of(request);
        if (!id) co_return http::failure(request, id.error());
        auto user = co_await users_.user(*id, request.context);
        if (!user) co_return http::failure(request, user.error());
        co_return user_answer(200, *user);
    }

    Answer change(const Request& request) {
        auto id = id_of(request);
        if (!id) co_return http::failure(request, id.error());
        if (!may_know(request.context.actor, *id)) {
            co_return http::failure(request, user_not_found());
        }
        auto read = http::json_body(request);
        if (auto* refused = std::get_if<Response>(&read)) co_return std::move(*refused);
        auto change = user_change_from_json(std::get<json>(read));
        if (!change) co_return http::failure(request, change.error());
        auto command = command_of(request, std::get<json>(read));
        if (!command) co_return http::failure(request, command.error());
        auto user = co_await users_.change(*id, std::move(*change), std::move(*command));
        if (!user) co_return refuse(request, user.error());
        co_return user_answer(200, *user);
    }

    Answer remove(const Request& request) {
        auto id = id_of(request);
        if (!id) co_return http::failure(request, id.error());
        Command command{request.context, version_tag.expected(request)};
        auto removed = co_await users_.remove(*id, std::move(command));
        if (!removed) co_return refuse(request, removed.error());
        Response response;
        response.body = R"({"result":"success"})";
        response.cache_control = "no-store";
        co_return response;
    }

    Answer list(const Request& request) {
        auto start = clamped(request, "start", 0, 0, start_max);
        auto count = clamped(request, "count", count_default, 1, count_max);
        if (!start || !count) {
            co_return http::failure(request, 400, "malformed_range",
                                    "start and count must be whole numbers.");
        }
        auto users = co_await users_.list(*start, *count, request.context);
        if (!users) co_return http::failure(request, users.error());
        auto body = nlohmann::ordered_json::array();
        for (const auto& user : *users) body.push_back(to_json(user));
        Response response;
        response.body = body.dump();
        response.cache_control = "private, no-cache";
        co_return response;
    }

    /// One word, as it always was.
    Answer health(const Request& request) {
        auto healthy = co_await users_.healthy(request.context);
        Response response;
        response.content_type = "text/plain; charset=utf-8";
        response.cache_control = "no-store";
        response.status = healthy ? 200 : 500;
        response.body = healthy ? "OK" : "CRITICAL";
        co_return response;
    }

private:
    UserService& users_;
};

}  // namespace

void add_routes(http::Router& router, UserService& users) {
    auto routes = std::make_shared<Routes>(users);
    auto add = [&](Method method, const char* pattern, Access access,
                   Answer (Routes::*handler)(const Request&), RateClass rate_class = {}) {
        auto call = [routes, handler](const Request& request) {
            return (routes.get()->*handler)(request);
        };
        router.add({method, pattern, access, std::move(call), rate_class});
    };
    // {name, email, password}: account and profile, 201 with Location.
    add(Method::post, "/v1/users", Access::anyone, &Routes::create, RateClass::registration);
    // In order of registration; ?start=0&count=10, clamped.
    add(Method::get, "/v1/users/all", Access::admin, &Routes::list);
    // OK, or 500 CRITICAL if store or queue do not work; as JSON with Accept: application/json.
    add(Method::get, "/v1/users/healthcheck", Access::anyone, &Routes::health);
    // Oneself; admins everybody. Anybody else is told that there is no such user.
    add(Method::get, "/v1/users/{id}", Access::login, &Routes::one);
    // Any of name, email, password.
    // Limited as registration is: whether an address is taken shows in its answer, too.
    add(Method::put, "/v1/users/{id}", Access::login, &Routes::change, RateClass::registration);
    // Erases profile, account and preferences.
    add(Method::del, "/v1/users/{id}", Access::login, &Routes::remove);
}

}  // namespace users
