#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "bus/inbox.hpp"
#include "database/database.hpp"
#include "graph_store.hpp"
#include "telemetry/metrics.hpp"

namespace recommendation {

/// Brings visits to the graph, a batch in one transaction. A visit that the graph cannot take is
/// left out, said and counted. It keeps no place: what is not applied when the process ends is
/// gone. Driven by one subscription.
class VisitInbox final : public bus::Inbox {
public:
    VisitInbox(database::Database& database, const base::Clock& clock, telemetry::Metrics& metrics,
               const Scale& scale, const GraphLimits& limits);

    const std::string& name() const override { return name_; }
    base::Task<bus::Progress> load() override;
    base::Task<std::vector<bus::Deferred>> apply(std::shared_ptr<const bus::Batch> batch) override;
    base::Task<void> park(bus::Event event, std::string error) override;
    base::Task<std::vector<bus::Parked>> parked() override;
    base::Task<void> release(std::int64_t stream,
                             std::shared_ptr<const bus::Batch> missed) override;
    base::Task<bus::Cursor> begin_anew(const bus::Feed& feed) override;

private:
    const std::string name_ = "visits";
    database::Database& database_;
    const base::Clock& clock_;
    const Scale scale_;
    const GraphLimits limits_;
    telemetry::Counter& applied_;
    telemetry::Counter& broken_;
    telemetry::Counter& edges_removed_;
    telemetry::Counter& failures_;
};

}  // namespace recommendation
