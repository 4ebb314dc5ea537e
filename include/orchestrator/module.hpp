#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "bus/topic.hpp"
#include "config/section.hpp"
#include "http/router.hpp"
#include "news/commands.hpp"
#include "news/events.hpp"
#include "news/queries.hpp"
#include "telemetry/metrics.hpp"

namespace orchestrator {

/// Settings of the public API; describe() says what each means.
struct Config {
    std::chrono::milliseconds deadline_ms{2000};
    std::int64_t cache_bytes_max = 64 * 1024 * 1024;
    std::int64_t limit_default = 10;
};

void describe(config::Section& section, Config& config);

/// The two sides of one news type, wherever they run.
struct NewsType {
    news::Commands* commands = nullptr;
    const news::Queries* queries = nullptr;
};

/// The public news API: the only module that asks the news modules. Owns no data but a cache of
/// answers ready to send, one per I/O thread. Everything it is given must outlive it, and it must
/// outlive the server that calls its routes.
class Orchestrator {
public:
    struct Dependencies {
        std::map<std::string, NewsType> types;
        bus::Topic<news::NewsViewed>& visits;  ///< told of each visit of a known reader
        const base::Clock& clock;
        telemetry::Metrics& metrics;
        std::size_t threads = 1;  ///< how many I/O threads will call
    };

    Orchestrator(const Config& config, Dependencies dependencies);
    ~Orchestrator();

    /// Registers every news route with its access rule; those that anyone may read with their
    /// look-up in the cache.
    void add_routes(http::Router& router);

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace orchestrator
