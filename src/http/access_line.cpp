#include "access_line.hpp"

namespace http {

namespace {
constexpr std::size_t method_bytes_max = 24;
constexpr std::size_t path_bytes_max = 256;
}  // namespace

void AccessLine::write(telemetry::LineBuffer& lines, const Request& request) const {
    const auto& context = request.context;
    lines.begin(at, "http", "request");
    lines.text("request_id", context.request_id, 64);
    lines.text("listener", listener, 32);
    lines.text("method", method, method_bytes_max);
    lines.text("path", path, path_bytes_max);
    lines.text("route", route, 128);
    lines.number("status", status);
    lines.number("bytes", static_cast<std::int64_t>(bytes));
    lines.thousandths("ms", took.count());
    lines.text("client", request.peer, 64);
    if (context.actor.id) lines.number("user", *context.actor.id);
    if (context.actor.api_key) lines.number("api_key", *context.actor.api_key);
    if (cut) lines.truth("cut", true);
    lines.end();
}

}  // namespace http
