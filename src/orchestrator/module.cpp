#include "orchestrator/module.hpp"

#include "news_routes.hpp"

namespace orchestrator {

struct Orchestrator::Parts {
    Shared shared;
    ReadRoutes read{shared};
    WriteRoutes write{shared};
};

Orchestrator::Orchestrator(const Config& config, Dependencies dependencies) {
    Shared shared{config, std::move(dependencies), {}};
    auto threads = shared.dependencies.threads;
    auto bytes = static_cast<std::size_t>(config.cache_bytes_max) / threads;
    for (std::size_t i = 0; i < threads; ++i) shared.caches.emplace_back(bytes);
    auto& metrics = shared.dependencies.metrics;
    shared.hits =
        &metrics.counter("portal_cache_hits_total", "Answers sent from the response cache.");
    shared.misses = &metrics.counter("portal_cache_misses_total",
                                     "Public reads that had to ask the news modules.");
    shared.partial = &metrics.counter("portal_partial_answers_total",
                                      "Lists from which a news type was left out.");
    parts_.reset(new Parts{std::move(shared)});
}

Orchestrator::~Orchestrator() = default;

void Orchestrator::add_routes(http::Router& router) {
    parts_->read.add_to(router);
    parts_->write.add_to(router);
}

}  // namespace orchestrator
