#include "migration_routes.hpp"

#include "answer_json.hpp"
#include "base/text.hpp"
#include "http/command.hpp"
#include "http/json_body.hpp"
#include "input_json.hpp"

namespace gateway {

namespace {

using nlohmann::json;

constexpr http::VersionTag version_tag{".1"};

http::Response refuse(const http::Request& request, const base::Error& error) {
    return version_tag.refuse(request, error, "Send the ETag of the route as it was given.");
}

http::Response answer(std::string body) {
    http::Response response;
    response.body = std::move(body);
    response.cache_control = "private, no-cache";
    return response;
}

http::Response answer(const MigrationRoute& route) {
    auto response = answer(route_body(route));
    response.etag = version_tag.of(route.version);
    return response;
}

}  // namespace

void MigrationRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    auto add = [&](Method method, const char* pattern,
                   Answer (MigrationRoutes::*handler)(const http::Request&)) {
        router.add({method, pattern, Access::admin, [this, handler](const http::Request& request) {
                        return (this->*handler)(request);
                    }});
    };
    // Which side answers what.
    add(Method::get, "/v1/migration/routes", &MigrationRoutes::all);
    add(Method::get, "/v1/migration/routes/{name}", &MigrationRoutes::one);
    // {mode, percent, compare_percent}: holds for the next request.
    add(Method::put, "/v1/migration/routes/{name}", &MigrationRoutes::set);
    // Back by one step.
    add(Method::post, "/v1/migration/routes/{name}/undo", &MigrationRoutes::undo);
    // Comparisons count anew.
    add(Method::post, "/v1/migration/routes/{name}/restart", &MigrationRoutes::restart);
    // The end of the road: nobody asks the monolith any more.
    add(Method::post, "/v1/migration/finish", &MigrationRoutes::finish);
    // How far each route has come.
    add(Method::get, "/v1/migration/report", &MigrationRoutes::report);
}

MigrationRoutes::Answer MigrationRoutes::all(const http::Request& request) {
    auto known = migration_.known();
    if (!known) co_return http::failure(request, known.error());
    co_return answer(routes_body(migration_.routes()));
}

MigrationRoutes::Answer MigrationRoutes::one(const http::Request& request) {
    auto route = migration_.route(std::string(request.parameter("name")));
    if (!route) co_return http::failure(request, route.error());
    co_return answer(*route);
}

MigrationRoutes::Answer MigrationRoutes::set(const http::Request& request) {
    auto read = http::json_body(request);
    if (auto* refused = std::get_if<http::Response>(&read)) co_return std::move(*refused);
    auto wanted = mode_change_from_json(std::get<json>(read));
    if (!wanted) co_return http::failure(request, wanted.error());
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    std::string name(request.parameter("name"));
    auto route = co_await migration_.set(std::move(name), *wanted, std::move(*command));
    if (!route) co_return refuse(request, route.error());
    co_return answer(*route);
}

MigrationRoutes::Answer MigrationRoutes::undo(const http::Request& request) {
    auto command = version_tag.command(request, request.body);
    if (!command) co_return http::failure(request, command.error());
    std::string name(request.parameter("name"));
    auto route = co_await migration_.undo(std::move(name), std::move(*command));
    if (!route) co_return refuse(request, route.error());
    co_return answer(*route);
}

MigrationRoutes::Answer MigrationRoutes::restart(const http::Request& request) {
    std::string name(request.parameter("name"));
    auto restarted = co_await migration_.restart(std::move(name), request.context);
    if (!restarted) co_return http::failure(request, restarted.error());
    http::Response response;
    response.status = 204;
    response.cache_control = "no-store";
    co_return response;
}

MigrationRoutes::Answer MigrationRoutes::finish(const http::Request& request) {
    auto finished = co_await migration_.finish(request.context);
    if (!finished) co_return http::failure(request, finished.error());
    co_return answer(finish_body(*finished));
}

MigrationRoutes::Answer MigrationRoutes::report(const http::Request& request) {
    auto known = migration_.known();
    if (!known) co_return http::failure(request, known.error());
    co_return answer(report_body(migration_.report()));
}

}  // namespace gateway
