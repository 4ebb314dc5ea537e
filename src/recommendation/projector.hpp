#pragma once

#include <memory>
#include <string>

#include "bus/store_inbox.hpp"
#include "learner_service.hpp"
#include "telemetry/metrics.hpp"
#include "visit_store.hpp"

namespace recommendation {

/// What happens to users → all that is kept of them: whoever is removed loses it, in the
/// transaction that moves the cursor. Other events change nothing.
class Projector final : public bus::Subscriber {
public:
    Projector(const Pseudonyms& pseudonyms, const GraphLimits& limits,
              telemetry::Counter& edges_removed)
        : pseudonyms_(pseudonyms), limits_(limits), edges_removed_(edges_removed) {}
    void apply(database::Transaction& transaction, std::span<const bus::Event> events) override;

private:
    const Pseudonyms& pseudonyms_;
    const GraphLimits limits_;
    telemetry::Counter& edges_removed_;
};

/// How users are heard: the ranking forgets whom the store has forgotten.
class RemovalInbox final : public bus::StoreInbox {
public:
    RemovalInbox(std::string name, database::Database& database, Projector& projector,
                 const Pseudonyms& pseudonyms, Learner& learner, const base::Clock& clock)
        : StoreInbox(std::move(name), database, projector, clock),
          pseudonyms_(pseudonyms),
          learner_(learner) {}

    base::Task<std::vector<bus::Deferred>> apply(std::shared_ptr<const bus::Batch> batch) override;

private:
    const Pseudonyms& pseudonyms_;
    Learner& learner_;
};

}  // namespace recommendation
