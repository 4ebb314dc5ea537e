#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bus/inbox.hpp"
#include "telemetry/spans.hpp"

namespace bus {

// An event has the id of the request that it follows from; if that is traced, what is done with the
// event is a part of its trace.

/// From here to the commit of an event, or to its being taken back. Null if nobody traces it.
std::shared_ptr<telemetry::SpanTimer> span_of_commit(const std::string& log, const NewEvent& event);

/// While events are applied: a span for each that is traced.
class DeliverySpans {
public:
    DeliverySpans(const std::string& inbox, const Batch& batch);
    void failed();

private:
    std::vector<telemetry::SpanTimer> spans_;
};

}  // namespace bus
