#include "routes.hpp"

#include <iostream>

#include "audit_routes.hpp"
#include "commands.hpp"
#include "docs_routes.hpp"
#include "scratch_folder.hpp"
#include "site.hpp"

namespace portal {

namespace {

std::string_view name_of(http::Access access) {
    switch (access) {
        case http::Access::anyone:
            return "anyone";
        case http::Access::login:
            return "login";
        case http::Access::author:
            return "author";
        case http::Access::editor:
            return "editor";
        case http::Access::admin:
            return "admin";
    }
    return "";
}

}  // namespace

std::shared_ptr<http::Router> public_router(const Settings& settings, host::Host& host,
                                            const std::vector<operations::Check>& checks) {
    auto router = std::make_shared<http::Router>(settings.http.aliases);
    host.add_routes(*router);
    operations::add_admin_routes(*router, checks);
    add_audit_routes(*router, host.trails());
    add_docs_routes(*router);
    return router;
}

namespace {

int print_routes_of(const Settings& settings) {
    auto site = Site::open(settings, 1, false);
    if (!site) return complain(site.error().message, failed);
    auto router = public_router(settings, (*site)->host(), (*site)->host().checks());
    for (const auto& route : router->routes()) {
        std::cout << http::name_of(route->method) << ' ' << route->pattern << ' '
                  << name_of(route->access) << '\n';
    }
    std::cout.flush();
    return done;
}

}  // namespace

int print_routes(Settings&& settings) {
    // The modules that add the routes want a data folder.
    ScratchFolder scratch;
    settings.data.folder = scratch.path().string();
    auto code = print_routes_of(settings);
    return code;
}

}  // namespace portal
