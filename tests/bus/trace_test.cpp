// What is done with an event is a part of the trace of the request that it follows from.
#include "fixture.hpp"
#include "telemetry/spans.hpp"

namespace {

struct Traced {
    Traced() {
        telemetry::TraceRules rules;
        rules.share = 1;
        telemetry::start_traces(rules);
        telemetry::remember("request-1", request);
    }
    ~Traced() { telemetry::stop_traces(); }
    const base::Trace request{1, 2, 3, true};
};

}  // namespace

TEST_CASE("a commit and what is applied of it are spans of the request they follow from", "[bus]") {
    support::TemporaryFolder folder;
    support::FakeClock clock;
    auto database = bus::open(folder, "log.db", {bus::log_schema()});
    bus::Log log(*database, clock, "tested");
    Traced traced;

    REQUIRE(bus::append(*database, log, 1, 1));
    CHECK_FALSE(bus::append(*database, log, 1, 2, true));
    auto heard_by = bus::open(folder, "heard.db", {bus::subscriber_schema(), bus::heard_schema});
    bus::Listener listener;
    bus::StoreInbox inbox("hearer", *heard_by, listener, clock);
    {
        bus::Stepped subscription(log, inbox, clock);
        subscription.settle();
    }

    auto spans = telemetry::take_spans(10);
    REQUIRE(spans.size() == 3);
    for (const auto& span : spans) {
        CHECK(span.trace.is_of(traced.request));
        CHECK(span.parent == traced.request.span);
    }
    CHECK(spans[0].name == "commit tested");
    CHECK(spans[0].kind == telemetry::SpanKind::producer);
    CHECK_FALSE(spans[0].failed);
    CHECK(spans[1].failed);  // it was taken back
    CHECK(spans[2].name == "apply hearer");
    CHECK(spans[2].kind == telemetry::SpanKind::consumer);
}
