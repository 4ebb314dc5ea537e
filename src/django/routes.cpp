#include "routes.hpp"

#include "http/json_body.hpp"
#include "push_json.hpp"

namespace django {

void Routes::add_to(http::Router& router) {
    http::Route route{http::Method::post, "/v1/migration/changes", http::Access::admin,
                      [this](const http::Request& request) { return push(request); }};
    // A row may be as long as one of an import, and its related ones stand beside it.
    route.limits.body_bytes = 16 * 1024 * 1024;
    route.limits.deadline = std::chrono::seconds(60);
    router.add(std::move(route));
}

base::Task<http::Response> Routes::push(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto push = push_from_json(std::get<nlohmann::json>(read));
    if (!push) co_return http::failure(request, push.error());
    auto pushed = co_await changes_.push(std::move(*push), request.context);
    if (!pushed) co_return http::failure(request, pushed.error());
    http::Response response;
    response.body = to_json(*pushed);
    response.cache_control = "no-store";
    co_return response;
}

}  // namespace django
