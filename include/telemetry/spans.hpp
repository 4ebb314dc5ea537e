#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/trace.hpp"

namespace telemetry {

/// Which requests are traced, and how much of it may wait for whoever takes it.
struct TraceRules {
    double share = 0;            ///< of the requests, 0 to 1: those of which spans are kept
    bool follow_caller = false;  ///< a caller that says whether it samples decides for us, too
    std::size_t spans_max = 8192;
    std::size_t remembered_max = 4096;  ///< requests whose consequences are still recognised
};

/// The numbers are OTLP's.
enum class SpanKind { internal = 1, server = 2, client = 3, producer = 4, consumer = 5 };

/// One thing that a span says of itself, by its name in OpenTelemetry where that has one.
struct Attribute {
    std::string name;
    std::variant<std::string, std::int64_t> value;
};

/// What took some time, as a part of a trace.
struct Span {
    base::Trace trace{};       ///< its own place
    std::uint64_t parent = 0;  ///< 0: there is none
    std::string name{};
    SpanKind kind = SpanKind::internal;
    base::Time begun{};
    std::chrono::nanoseconds took{};
    bool failed = false;
    std::vector<Attribute> attributes{};
};

/// From here on begin_trace() gives traces, and spans are kept for take_spans(). Of the process, as
/// the log is; not from two threads at once. All else here is thread-safe and does not block.
void start_traces(const TraceRules& rules);
/// What is not taken by then is gone.
void stop_traces();
/// One look at a flag: ask before anything that costs.
bool traces_on();

/// The place of a request: in the trace of `caller` if it named one, else in a new one.
base::Trace begin_trace(const std::optional<base::Trace>& caller);
/// A part of `of`, with an id of its own.
base::Trace part_of(const base::Trace& of);

/// Keeps a span for whoever takes it; where there is no more room it is dropped and counted.
void keep(Span span);
/// Up to `count`, the oldest first.
std::vector<Span> take_spans(std::size_t count);
std::uint64_t spans_dropped();

/// The events that follow from a request carry its id and no trace: this is how whoever hears them
/// finds it, in this process, while the request is one of the newest.
void remember(std::string_view request_id, const base::Trace& trace);
/// Zeros if there is none.
base::Trace remembered(std::string_view request_id);

/// One span, from here to its end. Costs a branch if what it is a part of is not sampled.
class SpanTimer {
public:
    SpanTimer(const base::Trace& of, std::string_view name, SpanKind kind);
    SpanTimer(SpanTimer&& other) noexcept;
    SpanTimer& operator=(SpanTimer&&) = delete;
    /// Ends it.
    ~SpanTimer();

    bool is_kept() const { return span_.has_value(); }
    /// Its place, to be handed on: that of the whole if it is not kept.
    const base::Trace& trace() const { return trace_; }
    void add(std::string_view name, std::variant<std::string, std::int64_t> value);
    void failed() {
        if (span_) span_->failed = true;
    }
    void end();

private:
    base::Trace trace_;
    std::optional<Span> span_;
    std::chrono::steady_clock::time_point begun_{};
};

}  // namespace telemetry
