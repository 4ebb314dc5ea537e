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
#include "database/store_file.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/client.hpp"
#include "news/types.hpp"

namespace webhooks {

/// Settings of webhooks; describe() says what each means.
struct Config {
    std::int64_t webhooks_max = 50;
    std::vector<std::string> allow{};
    std::chrono::milliseconds timeout{5000};
    std::int64_t retries_max = 10;
    std::chrono::milliseconds retry_first{5000};
    std::chrono::hours retry_span{24};
    std::chrono::hours rotation{24};
    std::int64_t in_flight_per_webhook = 4;
    std::int64_t in_flight_max = 64;
    std::int64_t pending_max = 1000;
    std::int64_t deliveries_max = 10000;
    std::int64_t deliveries_days = 7;
    std::string ca_file{};
    database::Config database{};
    bus::Config bus{};
};

void describe(config::Section& section, Config& config);

/// Tells other servers of what readers see of the news, by HTTP, signed: at least once, and in
/// order for each article. Serves /v1/webhooks…
class Module : public host::Module {
public:
    static std::vector<database::StoreFile> stores(const Config& config,
                                                   const std::filesystem::path& folder);
    /// What it asks and hears; all of it outlives the module.
    struct Neighbours {
        std::map<std::string, const bus::Feed*> feeds;  ///< by type
        news::Types types;                              ///< asked for what is sent
        std::shared_ptr<http::Client> client{};  ///< who sends; null: one over sockets, guarded
    };
    /// Opens the store, `webhooks.db`. Refused as database::Database::open is, with `older_data`
    /// (conflict) when a log is older than what this store has heard of it, unless the environment
    /// accepts that, and with `ca_unusable` as http::make_client() is.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      const Neighbours& neighbours);
};

}  // namespace webhooks
