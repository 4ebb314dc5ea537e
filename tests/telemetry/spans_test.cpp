#include "telemetry/spans.hpp"

#include "support/catch.hpp"
#include "telemetry/metrics.hpp"

using telemetry::SpanKind;
using telemetry::SpanTimer;

namespace {

/// Traces are on while it lives.
struct Tracing {
    explicit Tracing(const telemetry::TraceRules& rules) { telemetry::start_traces(rules); }
    ~Tracing() { telemetry::stop_traces(); }
};

telemetry::TraceRules all_of_them() {
    telemetry::TraceRules rules;
    rules.share = 1;
    return rules;
}

}  // namespace

TEST_CASE("a span is a part of what it was begun for", "[telemetry]") {
    Tracing tracing(all_of_them());
    auto request = telemetry::begin_trace(std::nullopt);
    REQUIRE(request.sampled);
    {
        SpanTimer outer(request, "outer", SpanKind::internal);
        SpanTimer inner(outer.trace(), "inner", SpanKind::client);
        inner.add("n", std::int64_t{7});
        inner.failed();
    }

    auto spans = telemetry::take_spans(10);
    REQUIRE(spans.size() == 2);
    const auto& inner = spans[0];
    const auto& outer = spans[1];
    CHECK(outer.name == "outer");
    CHECK(outer.parent == request.span);
    CHECK(inner.parent == outer.trace.span);
    CHECK(inner.trace.is_of(request));
    CHECK(inner.trace.span != outer.trace.span);
    CHECK(inner.failed);
    CHECK_FALSE(outer.failed);
    CHECK(inner.took.count() >= 0);
    CHECK(telemetry::take_spans(10).empty());
}

TEST_CASE("a span that was handed on is kept once", "[telemetry]") {
    Tracing tracing(all_of_them());
    {
        SpanTimer first(telemetry::begin_trace(std::nullopt), "one", SpanKind::internal);
        SpanTimer second(std::move(first));
    }
    CHECK(telemetry::take_spans(10).size() == 1);
}

TEST_CASE("a request goes on with the trace of its caller, in a span of its own", "[telemetry]") {
    telemetry::TraceRules rules;
    rules.share = 0;
    base::Trace caller{1, 2, 3, true};

    SECTION("whose wish to be sampled is nothing to a server that everybody may ask") {
        Tracing tracing(rules);
        auto trace = telemetry::begin_trace(caller);
        CHECK(trace.is_of(caller));
        CHECK(trace.span != caller.span);
        CHECK_FALSE(trace.sampled);
    }
    SECTION("and is followed where all callers are one's own") {
        rules.follow_caller = true;
        Tracing tracing(rules);
        CHECK(telemetry::begin_trace(caller).sampled);
        caller.sampled = false;
        CHECK_FALSE(telemetry::begin_trace(caller).sampled);
        CHECK_FALSE(telemetry::begin_trace(std::nullopt).sampled);
    }
}

TEST_CASE("of the requests about the share is sampled that is wanted", "[telemetry]") {
    telemetry::TraceRules rules;
    rules.share = 0.1;
    Tracing tracing(rules);
    int sampled = 0;
    for (int i = 0; i < 10000; ++i) sampled += telemetry::begin_trace(std::nullopt).sampled;
    // Five times the standard deviation to either side.
    CHECK(sampled > 850);
    CHECK(sampled < 1150);
}

TEST_CASE("spans for which there is no room are dropped and counted", "[telemetry]") {
    auto rules = all_of_them();
    rules.spans_max = 2;
    Tracing tracing(rules);
    auto before = telemetry::spans_dropped();
    auto trace = telemetry::begin_trace(std::nullopt);
    for (int i = 0; i < 5; ++i) SpanTimer(trace, "one", SpanKind::internal).end();

    CHECK(telemetry::take_spans(10).size() == 2);
    CHECK(telemetry::spans_dropped() - before == 3);
}

TEST_CASE("while traces are off nothing is kept", "[telemetry]") {
    base::Trace sampled{1, 2, 3, true};
    { SpanTimer span(sampled, "one", SpanKind::internal); }
    telemetry::remember("request", sampled);

    Tracing tracing(all_of_them());
    CHECK(telemetry::take_spans(10).empty());
    CHECK_FALSE(telemetry::remembered("request"));
}

TEST_CASE("what follows from one of the newest requests finds its trace", "[telemetry]") {
    auto rules = all_of_them();
    rules.remembered_max = 2;
    Tracing tracing(rules);
    for (std::uint64_t i = 1; i <= 3; ++i) {
        telemetry::remember("request-" + std::to_string(i), {i, i, i, true});
    }
    telemetry::remember("not-sampled", {9, 9, 9, false});

    CHECK_FALSE(telemetry::remembered("request-1"));
    CHECK(telemetry::remembered("request-2").low == 2);
    CHECK(telemetry::remembered("request-3").low == 3);
    CHECK_FALSE(telemetry::remembered("not-sampled"));
}

TEST_CASE("a histogram names the newest sampled trace of a bucket, in OpenMetrics alone",
          "[telemetry]") {
    telemetry::Metrics metrics;
    auto& seconds = metrics.histogram("portal_seconds", "Seconds.");
    seconds.observe(0.003, {1, 2, 3, false});
    seconds.observe(0.2, {0xab, 0xcd, 4, true});
    seconds.observe(0.25, {0xab, 0xce, 4, true});

    auto open = metrics.text(telemetry::MetricsForm::open);
    auto begin = open.find(
        "portal_seconds_bucket{le=\"0.5\"} 3 # {trace_id=\""
        "00000000000000ab00000000000000ce\"} 0.25 ");
    REQUIRE(begin != std::string::npos);
    auto line = open.substr(begin, open.find('\n', begin) - begin);
    // A moment in seconds with its fraction, and nothing behind it.
    auto moment = line.substr(line.rfind(' ') + 1);
    CHECK(moment.find('.') == moment.size() - 7);
    CHECK(moment.find_first_not_of("0123456789.") == std::string::npos);
    CHECK(open.find("le=\"0.005\"} 1\n") != std::string::npos);
    CHECK(open.find('#', begin + line.find('#') + 1) == open.find("# EOF"));
    CHECK(metrics.text().find("trace_id") == std::string::npos);
}
