#include "telemetry/spans.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/ids.hpp"

namespace telemetry {

namespace {

struct Kept {
    std::atomic<bool> on{false};
    std::atomic<bool> follow_caller{false};
    std::atomic<std::uint64_t> below{0};  ///< a random number below it: sampled
    std::atomic<std::uint64_t> dropped{0};

    std::mutex spans_mutex{};
    std::size_t spans_max = 0;
    std::deque<Span> spans{};

    std::mutex requests_mutex{};
    std::size_t requests_max = 0;
    std::unordered_map<std::string, base::Trace> requests{};
    std::deque<std::string> order{};  ///< the oldest first
};

/// Never destroyed, as the log is not.
Kept& kept() {
    static Kept& held = *new Kept;
    return held;
}

std::uint64_t threshold_of(double share) {
    if (share >= 1) return UINT64_MAX;
    return share <= 0 ? 0 : static_cast<std::uint64_t>(std::ldexp(share, 64));
}

std::uint64_t make_span_id() {
    auto id = base::random_bits();
    return id == 0 ? 1 : id;
}

}  // namespace

void start_traces(const TraceRules& rules) {
    auto& all = kept();
    all.follow_caller = rules.follow_caller;
    all.below = threshold_of(rules.share);
    {
        std::lock_guard lock(all.spans_mutex);
        all.spans_max = rules.spans_max;
    }
    {
        std::lock_guard lock(all.requests_mutex);
        all.requests_max = rules.remembered_max;
    }
    all.on = true;
}

void stop_traces() {
    auto& all = kept();
    all.on = false;
    {
        std::lock_guard lock(all.spans_mutex);
        all.spans.clear();
    }
    std::lock_guard lock(all.requests_mutex);
    all.requests.clear();
    all.order.clear();
}

bool traces_on() {
    return kept().on.load(std::memory_order_relaxed);
}

base::Trace begin_trace(const std::optional<base::Trace>& caller) {
    auto& all = kept();
    base::Trace trace;
    if (caller) {
        trace = *caller;
    } else {
        trace.high = base::random_bits();
        trace.low = make_span_id();
    }
    trace.span = make_span_id();
    bool follows = caller && all.follow_caller.load(std::memory_order_relaxed);
    auto below = all.below.load(std::memory_order_relaxed);
    if (!follows) trace.sampled = below == UINT64_MAX || base::random_bits() < below;
    return trace;
}

base::Trace part_of(const base::Trace& of) {
    auto part = of;
    part.span = make_span_id();
    return part;
}

void keep(Span span) {
    auto& all = kept();
    if (!traces_on()) return;
    std::lock_guard lock(all.spans_mutex);
    if (all.spans.size() < all.spans_max) {
        all.spans.push_back(std::move(span));
    } else {
        all.dropped.fetch_add(1, std::memory_order_relaxed);
    }
}

std::vector<Span> take_spans(std::size_t count) {
    auto& all = kept();
    std::lock_guard lock(all.spans_mutex);
    auto end = all.spans.begin() +
               static_cast<std::ptrdiff_t>(std::min<std::size_t>(count, all.spans.size()));
    std::vector<Span> taken(std::make_move_iterator(all.spans.begin()),
                            std::make_move_iterator(end));
    all.spans.erase(all.spans.begin(), end);
    return taken;
}

std::uint64_t spans_dropped() {
    return kept().dropped.load(std::memory_order_relaxed);
}

void remember(std::string_view request_id, const base::Trace& trace) {
    auto& all = kept();
    if (!traces_on() || !trace.sampled) return;
    std::lock_guard lock(all.requests_mutex);
    if (all.requests_max == 0) return;
    auto [at, is_new] = all.requests.insert_or_assign(std::string(request_id), trace);
    if (is_new) all.order.push_back(at->first);
    while (all.order.size() > all.requests_max) {
        all.requests.erase(all.order.front());
        all.order.pop_front();
    }
}

base::Trace remembered(std::string_view request_id) {
    auto& all = kept();
    if (!traces_on()) return {};
    std::lock_guard lock(all.requests_mutex);
    auto found = all.requests.find(std::string(request_id));
    return found == all.requests.end() ? base::Trace() : found->second;
}

SpanTimer::SpanTimer(const base::Trace& of, std::string_view name, SpanKind kind) : trace_(of) {
    if (!of.sampled || !traces_on()) return;
    trace_ = part_of(of);
    span_.emplace();
    span_->trace = trace_;
    span_->parent = of.span;
    span_->name = name;
    span_->kind = kind;
    span_->begun = base::SystemClock().now();
    begun_ = std::chrono::steady_clock::now();
}

SpanTimer::SpanTimer(SpanTimer&& other) noexcept
    : trace_(other.trace_), span_(std::exchange(other.span_, std::nullopt)), begun_(other.begun_) {}

SpanTimer::~SpanTimer() {
    end();
}

void SpanTimer::add(std::string_view name, std::variant<std::string, std::int64_t> value) {
    if (span_) span_->attributes.push_back({std::string(name), std::move(value)});
}

void SpanTimer::end() {
    if (!span_) return;
    span_->took = std::chrono::steady_clock::now() - begun_;
    keep(std::move(*span_));
    span_.reset();
}

}  // namespace telemetry
