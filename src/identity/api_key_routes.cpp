#include "api_key_routes.hpp"

#include "api_key_json.hpp"
#include "base/text.hpp"
#include "http/json_body.hpp"

namespace identity {

namespace {

using Answer = base::Task<http::Response>;

constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

http::Response answer_of(int status, const nlohmann::ordered_json& body) {
    http::Response response;
    response.status = status;
    response.body = body.dump();
    response.cache_control = "no-store";
    return response;
}

class ApiKeyRoutes {
public:
    explicit ApiKeyRoutes(ApiKeysService& keys) : keys_(keys) {}

    Answer create(const http::Request& request) {
        auto read = http::json_body(request);
        if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
        auto wanted = api_key_from_json(std::get<nlohmann::json>(read));
        if (!wanted) co_return http::failure(request, wanted.error());
        auto issued = co_await keys_.create(std::move(*wanted), request.context);
        if (!issued) co_return http::failure(request, issued.error());
        auto body = to_json(issued->key);
        body["key"] = issued->secret;
        co_return answer_of(201, body);
    }

    Answer list(const http::Request& request) {
        auto keys = co_await keys_.list(request.context);
        if (!keys) co_return http::failure(request, keys.error());
        auto shown = nlohmann::ordered_json::array();
        for (const auto& key : *keys) shown.push_back(to_json(key));
        nlohmann::ordered_json body;
        body["api_keys"] = std::move(shown);
        co_return answer_of(200, body);
    }

    Answer revoke(const http::Request& request) {
        // No number, no key: 0 is none's id.
        auto id = base::parse_number(request.parameter("id"), id_max).value_or(0);
        auto revoked = co_await keys_.revoke(id, request.context);
        if (!revoked) co_return http::failure(request, revoked.error());
        http::Response response;
        response.status = 204;
        response.cache_control = "no-store";
        co_return response;
    }

private:
    ApiKeysService& keys_;
};

}  // namespace

void add_api_key_routes(http::Router& router, ApiKeysService& keys) {
    using http::Access;
    using http::Method;
    auto routes = std::make_shared<ApiKeyRoutes>(keys);
    auto add = [&](Method method, const char* pattern,
                   Answer (ApiKeyRoutes::*handler)(const http::Request&)) {
        auto call = [routes, handler](const http::Request& request) {
            return (routes.get()->*handler)(request);
        };
        router.add({method, pattern, Access::admin, std::move(call)});
    };
    // {name, role, expires_at}: 201 with the secret, this once.
    add(Method::post, "/v1/auth/api-keys", &ApiKeyRoutes::create);
    // All of them, without their secrets.
    add(Method::get, "/v1/auth/api-keys", &ApiKeyRoutes::list);
    // Counts no more on the very next request. 204.
    add(Method::del, "/v1/auth/api-keys/{id}", &ApiKeyRoutes::revoke);
}

}  // namespace identity
