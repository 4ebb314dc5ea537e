#pragma once

#include "base/result.hpp"
#include "host/host.hpp"
#include "http/router.hpp"
#include "settings.hpp"

namespace portal {

/// What the public listener needs of the modules besides their routes. The host owns it all.
struct PublicSide {
    std::shared_ptr<const http::Authenticator> authenticator;
    http::Interceptors interceptors;
    http::Shortcut shortcut;
};

/// Opens every module of the program and gives it to `host`: the one list of them. `settings` and
/// `host` outlive the result. Refused as the first module that cannot be opened.
base::Result<PublicSide> open_modules(const Settings& settings, host::Host& host);

}  // namespace portal
