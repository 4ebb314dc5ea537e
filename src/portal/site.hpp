#pragma once

#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "database/lineage.hpp"
#include "host/host.hpp"
#include "modules.hpp"
#include "settings.hpp"

namespace portal {

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
    Site() = default;

    base::SystemClock clock_;
    std::optional<database::Lineage> lineage_;
    std::unique_ptr<host::Host> host_;
    PublicSide public_side_;
};

/// Host::stop() within operations.stop_timeout_ms. Of a module that is not done by then something
/// still uses what would be destroyed now, so this ends the process, with exit code 1: what was
/// acknowledged is committed, and the rest the next start goes on with.
void stop_or_exit(host::Host& host, const Settings& settings);

}  // namespace portal
