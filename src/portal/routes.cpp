#include "routes.hpp"

#include <stdlib.h>

#include <iostream>

#include "commands.hpp"
#include "docs_routes.hpp"
#include "site.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

/// A folder that is gone at the end.
class ScratchFolder {
public:
    ScratchFolder() {
        auto name = (std::filesystem::temp_directory_path() / "portal-XXXXXX").string();
        if (!mkdtemp(name.data())) {
            throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
        }
        path_ = name;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

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

std::shared_ptr<http::Router> public_router(const Settings& settings, host::Host& host) {
    auto router = std::make_shared<http::Router>(settings.http.aliases);
    host.add_routes(*router);
    add_docs_routes(*router);
    return router;
}

namespace {

int print_routes_of(const Settings& settings) {
    auto site = Site::open(settings, 1, false);
    if (!site) return complain(site.error().message, failed);
    auto router = public_router(settings, (*site)->host());
    for (const auto& route : router->routes()) {
        std::cout << http::name_of(route->method) << ' ' << route->pattern << ' '
                  << name_of(route->access) << '\n';
    }
    std::cout.flush();
    return done;
}

}  // namespace

int print_routes(Settings&& settings) {
    // The modules that add the routes want a data folder. Not the real one: it may have an owner,
    // or may not be there yet, and whoever only asks must not change it.
    ScratchFolder scratch;
    settings.data.folder = scratch.path().string();
    // What the modules log there (that keys are made …) is about nothing that stays.
    telemetry::LogTarget silent;
    silent.level = telemetry::Level::error;
    silent.console = false;
    telemetry::start_log(silent);
    auto code = print_routes_of(settings);
    telemetry::stop_log();
    return code;
}

}  // namespace portal
