#include "orchestrator/module.hpp"

#include "guarded_queries_service.hpp"
#include "news_routes.hpp"
#include "ranking_routes.hpp"
#include "sitemap_routes.hpp"

namespace orchestrator {

struct Module::Parts {
    std::vector<std::unique_ptr<GuardedQueriesService>> guarded;
    Shared shared;
    ReadRoutes read{shared};
    WriteRoutes write{shared};
    SitemapRoutes sitemaps{shared};
    std::optional<RankingRoutes> rankings{};
};

Module::Module(const Config& config, const host::Environment& environment, Neighbours neighbours) {
    std::vector<std::unique_ptr<GuardedQueriesService>> guarded;
    for (auto& [name, type] : neighbours.types) {
        guarded.push_back(std::make_unique<GuardedQueriesService>(name, type, config.deadline_ms,
                                                                  config.breaker, environment));
        type.queries = guarded.back().get();
        if (type.items) type.items = guarded.back().get();
        if (type.headings) type.headings = guarded.back().get();
    }
    Shared shared{config, std::move(neighbours), environment.clock, {}};
    auto bytes = static_cast<std::size_t>(config.cache_bytes_max) / environment.io_threads;
    for (std::size_t i = 0; i < environment.io_threads; ++i)
        shared.caches.emplace_back(bytes, config.stale_max_s);
    auto& metrics = environment.metrics;
    shared.hits =
        &metrics.counter("portal_cache_hits_total", "Answers sent from the response cache.");
    shared.misses = &metrics.counter("portal_cache_misses_total",
                                     "Public reads that had to ask the news modules.");
    shared.partial = &metrics.counter("portal_partial_answers_total",
                                      "Lists from which a news type was left out.");
    shared.stale = &metrics.counter("portal_stale_answers_total",
                                    "Answers that were known to be out of date, and marked.");
    parts_.reset(new Parts{std::move(guarded), std::move(shared)});
    if (parts_->shared.neighbours.rankings) {
        parts_->rankings.emplace(parts_->shared, parts_->read, metrics);
    }
}

Module::~Module() = default;

news::Types Module::types() const {
    return parts_->shared.neighbours.types;
}

std::vector<operations::Check> Module::checks() {
    auto warn = [this] {
        std::string all;
        for (const auto& one : parts_->guarded) {
            auto warning = one->warning();
            if (!warning.empty()) all += (all.empty() ? "" : "; ") + warning;
        }
        return all;
    };
    return {{"orchestrator", [] { return std::string(); }, std::move(warn)}};
}

void Module::add_routes(http::Router& router) {
    parts_->read.add_to(router);
    parts_->write.add_to(router);
    parts_->sitemaps.add_to(router);
    if (parts_->rankings) parts_->rankings->add_to(router);
}

base::Task<void> Module::start() {
    co_return base::Result<void>();
}

base::Task<void> Module::stop(base::Deadline) {
    co_return base::Result<void>();
}

}  // namespace orchestrator
