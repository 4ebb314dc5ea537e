#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "host/declaration.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "news/types.hpp"
#include "site/counters.hpp"
#include "site/lists.hpp"
#include "site/pages.hpp"
#include "site/redirects.hpp"
#include "site/robots.hpp"

namespace site {

/// Settings of the site module; describe() says what each means.
struct Config {
    std::int64_t redirects_max = 1000000;
    std::int64_t redirect_hops_max = 10;
    std::int64_t lists_max = 1000;
    Pages pages{};
    Robots robots{};
    database::Config database{};
};

void describe(config::Section& section, Config& config);

/// What belongs to the site as a whole: old addresses, curated lists, and how many articles there
/// are. Serves /robots.txt, /v1/newsroom/redirects, /v1/resolve, /v1/lists… and
/// /v1/newsroom/counts.
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// The store itself and its chain, and the tables against the log.
    static std::vector<host::Finding> verify(const Config& config,
                                             const std::filesystem::path& folder,
                                             const host::VerifyProgress& progress);
    /// Opens the store, `site.db`. What the types refer to outlives the module; their names are
    /// those that a list may name. Refused as database::Database::open is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const news::Types& types);

    virtual Redirects& redirects() = 0;
    virtual Lists& lists() = 0;
    virtual const Counters& counters() const = 0;
    /// `redirects_changed`, `list_changed`, `list_removed`: see site/events.hpp.
    virtual const bus::Feed& feed() const = 0;
};

}  // namespace site
