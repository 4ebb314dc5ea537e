#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "database/lineage.hpp"
#include "host/host.hpp"
#include "http/router.hpp"
#include "settings.hpp"

namespace portal {

/// What the public listener needs of the modules besides their routes.
struct PublicSide {
    std::shared_ptr<const http::Authenticator> authenticator;
    http::Interceptors interceptors;
};

/// Every module of the program, open on the data folder that `settings` names. `settings` must
/// outlive it.
class Site {
public:
    /// `scheduled`: see host::Environment. Refused with `older_data` if the stores of the folder do
    /// not belong together, and as the first module that cannot be opened.
    static base::Result<std::unique_ptr<Site>> open(const Settings& settings,
                                                    std::size_t io_threads, bool scheduled);
    /// The modules go, then the end of this run is noted.
    ~Site();

    host::Host& host() { return *host_; }
    const PublicSide& public_side() const { return public_side_; }

private:
    explicit Site(const Settings& settings) : settings_(settings) {}
    base::Result<void> open_modules();

    const Settings& settings_;
    base::SystemClock clock_;
    std::optional<database::Lineage> lineage_;
    std::unique_ptr<host::Host> host_;
    PublicSide public_side_;
};

/// The files of a data folder that have to belong together.
std::vector<database::Member> stores_of(const Settings& settings);

}  // namespace portal
