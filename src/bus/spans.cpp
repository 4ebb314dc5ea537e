#include "spans.hpp"

namespace bus {

namespace {

void add_event(telemetry::SpanTimer& span, const std::string& type, std::int64_t stream,
               const std::string& request_id) {
    span.add("portal.event", type);
    span.add("portal.stream", stream);
    span.add("portal.request_id", request_id);
}

}  // namespace

std::shared_ptr<telemetry::SpanTimer> span_of_commit(const std::string& log,
                                                     const NewEvent& event) {
    if (!telemetry::traces_on()) return nullptr;
    auto trace = telemetry::remembered(event.correlation_id);
    if (!trace) return nullptr;
    auto span = std::make_shared<telemetry::SpanTimer>(trace, "commit " + log,
                                                       telemetry::SpanKind::producer);
    add_event(*span, event.type, event.stream, event.correlation_id);
    return span;
}

DeliverySpans::DeliverySpans(const std::string& inbox, const Batch& batch) {
    if (!telemetry::traces_on()) return;
    for (const auto& event : batch.events) {
        auto trace = telemetry::remembered(event.correlation_id);
        if (!trace) continue;
        telemetry::SpanTimer span(trace, "apply " + inbox, telemetry::SpanKind::consumer);
        add_event(span, event.type, event.stream, event.correlation_id);
        span.add("portal.position", event.position);
        spans_.push_back(std::move(span));
    }
}

void DeliverySpans::failed() {
    for (auto& span : spans_) span.failed();
}

}  // namespace bus
