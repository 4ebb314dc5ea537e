// A request as a part of a trace: what its client says, and the span that is told of it.
#include <algorithm>
#include <utility>

#include "access_line.hpp"
#include "exchange.hpp"
#include "telemetry/breakdowns.hpp"
#include "telemetry/spans.hpp"
#include "worker.hpp"

namespace http {

namespace {

bool changes_something(Method method) {
    return method != Method::get && method != Method::head && method != Method::options;
}

/// A path as a collector may have it: in one of a monolith a segment may be a key, as in the links
/// by which passwords are set anew.
std::string path_to_tell(std::string_view path) {
    auto logged = loggable_path(path);
    std::string out;
    for (std::size_t begin = 0; begin <= logged.size();) {
        auto end = std::min(logged.find('/', begin), logged.size());
        if (begin > 0) out += '/';
        out += telemetry::scrubbed(std::string_view(logged).substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

}  // namespace

std::string_view Exchange::pattern() const {
    return listener_.listener.router->pattern(route_ ? route_->number : 0);
}

/// Where health and numbers are asked for nobody looks for the slow request.
void Exchange::begin_trace() {
    if (!listener_.listener.is_public) return;
    auto& context = request_.context;
    auto lines = request_.header_lines("traceparent");
    std::optional<base::Trace> caller;
    if (lines.size() == 1) caller = base::parse_traceparent(lines.front());
    context.trace = telemetry::begin_trace(caller);
    caller_span_ = caller ? caller->span : 0;
    if (!context.trace.sampled) return;
    begun_ = Worker::Clock::now();
    if (changes_something(request_.method)) telemetry::remember(context.request_id, context.trace);
}

void Exchange::keep_span(bool cut) {
    const auto& said = writer_.said();
    auto now = Worker::Clock::now();
    telemetry::Span span;
    span.trace = request_.context.trace;
    span.parent = caller_span_;
    span.kind = telemetry::SpanKind::server;
    span.took = now - begun_;
    span.begun = worker_.wall_time(begun_);
    span.failed = said.status >= 500 || said.status == 0;
    auto add = [&span](const char* name, auto value) {
        span.attributes.push_back({name, std::move(value)});
    };
    auto route = std::string(pattern());
    bool known = reader_.head().taken();
    auto method = std::string(known ? name_of(request_.method) : "_OTHER");
    span.name = method + ' ' + route;
    add("http.request.method", std::move(method));
    add("http.route", std::move(route));
    if (known) add("url.path", path_to_tell(request_.target.substr(0, request_.target.find('?'))));
    add("http.response.status_code", std::int64_t{said.status});
    add("http.response.body.size", static_cast<std::int64_t>(said.bytes));
    add("portal.listener", listener_.listener.name);
    add("portal.request_id", request_.context.request_id);
    if (cut) add("error.type", std::string("cut"));
    telemetry::keep(std::move(span));
}

}  // namespace http
