#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "bus/topic.hpp"
#include "config/section.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"
#include "http/router.hpp"
#include "news/events.hpp"
#include "news/types.hpp"
#include "recommendation/rankings.hpp"
#include "resilience/circuit_breaker.hpp"
#include "site/pages.hpp"

namespace orchestrator {

/// Settings of the public API; describe() says what each means.
struct Config {
    std::chrono::milliseconds deadline_ms{2000};
    std::int64_t cache_bytes_max = 64 * 1024 * 1024;
    std::int64_t limit_default = 10;
    std::int64_t feed_items = 50;
    std::int64_t sitemap_urls = 20000;
    std::int64_t sitemaps_at_once = 4;
    std::chrono::seconds stale_max_s{60};
    std::chrono::milliseconds ranking_deadline_ms{150};
    std::chrono::seconds ranking_cached_s{10};
    std::chrono::seconds ranked_list_kept_s{60};
    std::int64_t ranked_lists_max = 2000;
    resilience::CircuitBreakerConfig breaker{};
};

void describe(config::Section& section, Config& config);

/// The public news API: the only module that asks the news modules. Owns no data but a cache of
/// answers ready to send, one per I/O thread. It must outlive the server that calls its routes.
class Module final : public host::Module {
public:
    /// What it asks, and whom it tells; all of it outlives the module.
    struct Neighbours {
        news::Types types;
        bus::Topic<news::NewsViewed>& visits;  ///< told of each visit of a known reader
        site::Pages pages{};                   ///< what feeds and sitemaps say of it
        /// What to read now; null: nobody is asked, and there are no routes for it.
        const recommendation::Rankings* rankings = nullptr;
    };

    Module(const Config& config, const host::Environment& environment, Neighbours neighbours);
    ~Module() override;

    std::string name() const override { return "orchestrator"; }
    /// The types, for whoever else asks them: a question to one that hangs ends after
    /// `deadline_ms`, and while it is given rest at once (`circuit_open`). As long as the module.
    news::Types types() const;
    std::vector<operations::Check> checks() override;
    /// Every news route with its access rule; those that anyone may read with their look-up in the
    /// cache.
    void add_routes(http::Router& router) override;

    base::Task<void> start() override;
    base::Task<void> stop(base::Deadline deadline) override;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace orchestrator
