#pragma once

#include <chrono>
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
#include "news/types.hpp"
#include "search/queries.hpp"

namespace search {

/// Settings of the search; describe() says what each means.
struct Config {
    std::string language = "en";
    std::int64_t candidates_max = 1000;
    std::chrono::milliseconds query_time_max_ms{500};
    std::int64_t freshness_half_life_days = 30;
    std::int64_t backlog_events_max = 10000;
    database::Config database{.cache_kib = 65536};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// What of the news is heard, and who is asked for what is found.
struct Neighbours {
    std::map<std::string, const bus::Feed*> feeds;  ///< by type
    news::Types types;
};

/// Finds articles by their words. Serves /v1/search.
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// Opens the store, `search.db`, a view of the news: a file that is damaged is set aside, and
    /// what is missing in it is made from the logs. What `neighbours` names outlives the module.
    /// Refused as database::Database::open is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const Neighbours& neighbours);

    virtual const Queries& queries() const = 0;
};

}  // namespace search
