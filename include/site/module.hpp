#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/feed.hpp"
#include "bus/subscription.hpp"
#include "config/section.hpp"
#include "database/database.hpp"
#include "host/declaration.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "site/counters.hpp"
#include "site/lists.hpp"
#include "site/redirects.hpp"

namespace site {

/// Settings of the site module; describe() says what each means.
struct Config {
    std::int64_t redirects_max = 1000000;
    std::int64_t redirect_hops_max = 10;
    std::int64_t lists_max = 1000;
    database::Config database{};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// The feed of each news type, by the word that names it.
using NewsFeeds = std::map<std::string, const bus::Feed*>;

/// What belongs to the site as a whole: old addresses, curated lists, and how many articles there
/// are. Serves /v1/newsroom/redirects, /v1/resolve, /v1/lists… and /v1/newsroom/counts.
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// The store itself and its chain, the tables against the log, the counts against the articles
    /// that were counted.
    static std::vector<host::Finding> verify(const Config& config,
                                             const std::filesystem::path& folder,
                                             const host::VerifyProgress& progress);
    /// Opens the store, `site.db`. The feeds outlive the module; their names are the types that a
    /// list may name. Refused as database::Database::open is, and with `older_data` (conflict) when
    /// the log of a type is older than what this store has heard of it, unless the environment
    /// accepts that: then its articles are counted anew.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const NewsFeeds& news_feeds);

    virtual Redirects& redirects() = 0;
    virtual Lists& lists() = 0;
    virtual const Counters& counters() const = 0;
    /// `redirects_changed`, `list_changed`, `list_removed`: see site/events.hpp.
    virtual const bus::Feed& feed() const = 0;
};

}  // namespace site
