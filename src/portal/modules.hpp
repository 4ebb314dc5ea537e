#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "database/store_file.hpp"
#include "host/declaration.hpp"
#include "host/host.hpp"
#include "http/request_observer.hpp"
#include "http/route_chooser.hpp"

namespace portal {

// src/portal/modules.cpp is the one list of modules. What is here goes over all of them, and knows
// none by name.

/// The settings of every module.
struct ModuleSettings;
using ModuleSettingsPointer = std::unique_ptr<ModuleSettings, void (*)(ModuleSettings*)>;
ModuleSettingsPointer default_module_settings();

/// Every module as it is before it is open, in the order of the list. `settings` outlives them.
std::vector<host::Declaration> declarations(ModuleSettings& settings);

/// Every file that a module keeps in that folder.
std::vector<database::StoreFile> stores_of(ModuleSettings& settings,
                                           const std::filesystem::path& folder);

/// How many threads beside those of the server ask the routes.
std::size_t threads_that_ask(const ModuleSettings& settings);

/// What the listeners need of the modules besides their routes.
struct PublicSide {
    std::shared_ptr<const http::Authenticator> authenticator;
    http::Interceptors interceptors;
    std::shared_ptr<http::RouteChooser> chooser{};  ///< null: the router alone says who answers
    std::shared_ptr<const http::RequestObserver> observer{};
    /// What the operations listener shows of them.
    std::function<void(http::Router&)> add_operator_routes{};
};

/// Opens every module and hands it to the host, in the order of the list. Refused as the first one
/// that cannot be opened. `public_side` refers to the modules.
base::Result<void> open_modules(ModuleSettings& settings, host::Host& host,
                                PublicSide& public_side);

}  // namespace portal
