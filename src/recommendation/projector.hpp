#pragma once

#include "bus/store_inbox.hpp"
#include "learner_service.hpp"
#include "telemetry/metrics.hpp"
#include "visit_store.hpp"

namespace recommendation {

/// What happens to users → all that is kept of them: whoever is removed loses it, in the
/// transaction that moves the cursor, and then in the ranking. Other events change nothing.
class Projector final : public bus::Subscriber {
public:
    Projector(const Pseudonyms& pseudonyms, const GraphLimits& limits,
              telemetry::Counter& edges_removed, Learner& learner)
        : pseudonyms_(pseudonyms),
          limits_(limits),
          edges_removed_(edges_removed),
          learner_(learner) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const Pseudonyms& pseudonyms_;
    const GraphLimits limits_;
    telemetry::Counter& edges_removed_;
    Learner& learner_;
};

}  // namespace recommendation
