#include "client_routes.hpp"

#include "client_json.hpp"

namespace gateway {

void ClientRoutes::add_to(http::Router& router) {
    using http::Access;
    using http::Method;
    router.add({Method::get, "/v1/operations/clients", Access::admin,
                [this](const http::Request& request) { return all(request); }});
    router.add({Method::del, "/v1/operations/clients/{address}", Access::admin,
                [this](const http::Request& request) { return forget(request); }});
}

void ClientRoutes::add_operator_to(http::Router& router) {
    router.add({http::Method::get, "/clients", http::Access::anyone,
                [this](const http::Request& request) { return all(request); }});
}

ClientRoutes::Answer ClientRoutes::all(const http::Request&) {
    http::Response response;
    response.body = clients_body(signs_.named(), signs_.clock().steady());
    response.cache_control = "no-store";
    co_return response;
}

ClientRoutes::Answer ClientRoutes::forget(const http::Request& request) {
    auto address = http::IpAddress::parse(request.parameter("address"));
    if (!address) {
        co_return http::failure(
            request, {base::Reason::invalid, "malformed_address",
                      "That is no address: write 203.0.113.7, or any address of an IPv6 network."});
    }
    if (!signs_.forget(*address)) {
        co_return http::failure(request, {base::Reason::not_found, "client_not_named",
                                          "No client of that address is named."});
    }
    co_return http::Response{204};
}

}  // namespace gateway
