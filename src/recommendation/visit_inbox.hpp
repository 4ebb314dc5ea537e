#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bus/inbox.hpp"
#include "telemetry/metrics.hpp"
#include "visit_service.hpp"

namespace recommendation {

/// Brings visits to the log, the graph and the ranking, a batch in one transaction. A visit that
/// cannot be taken is left out, said and counted. It keeps no place: what is not applied when the
/// process ends is gone. Driven by one subscription.
class VisitInbox final : public bus::Inbox {
public:
    VisitInbox(VisitService& visits, telemetry::Metrics& metrics);

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
    VisitService& visits_;
    telemetry::Counter& broken_;
    telemetry::Counter& failures_;
};

}  // namespace recommendation
