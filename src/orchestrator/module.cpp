#include "orchestrator/module.hpp"

#include "news_routes.hpp"

namespace orchestrator {

struct Module::Parts {
    Shared shared;
    ReadRoutes read{shared};
    WriteRoutes write{shared};
};

Module::Module(const Config& config, const host::Environment& environment, Neighbours neighbours) {
    Shared shared{config, std::move(neighbours), environment.clock, {}};
    auto bytes = static_cast<std::size_t>(config.cache_bytes_max) / environment.io_threads;
    for (std::size_t i = 0; i < environment.io_threads; ++i) shared.caches.emplace_back(bytes);
    auto& metrics = environment.metrics;
    shared.hits =
        &metrics.counter("portal_cache_hits_total", "Answers sent from the response cache.");
    shared.misses = &metrics.counter("portal_cache_misses_total",
                                     "Public reads that had to ask the news modules.");
    shared.partial = &metrics.counter("portal_partial_answers_total",
                                      "Lists from which a news type was left out.");
    parts_.reset(new Parts{std::move(shared)});
}

Module::~Module() = default;

void Module::add_routes(http::Router& router) {
    parts_->read.add_to(router);
    parts_->write.add_to(router);
}

base::Task<void> Module::start() {
    co_return base::Result<void>();
}

base::Task<void> Module::stop(base::Deadline) {
    co_return base::Result<void>();
}

}  // namespace orchestrator
