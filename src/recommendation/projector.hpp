#pragma once

#include "bus/store_inbox.hpp"
#include "graph_store.hpp"
#include "telemetry/metrics.hpp"

namespace recommendation {

/// What happens to users → the graph: whoever is removed loses all edges, in the transaction that
/// moves the cursor. Other events change nothing.
class Projector final : public bus::Subscriber {
public:
    Projector(const GraphLimits& limits, telemetry::Counter& edges_removed)
        : limits_(limits), edges_removed_(edges_removed) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const GraphLimits limits_;
    telemetry::Counter& edges_removed_;
};

}  // namespace recommendation
