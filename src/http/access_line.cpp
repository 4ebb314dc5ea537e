#include "access_line.hpp"

#include <array>

namespace http {

namespace {
constexpr std::size_t method_bytes_max = 24;
constexpr std::size_t path_bytes_max = 256;

using Room = std::array<char, path_bytes_max>;

bool has_address(std::string_view segment) {
    return segment.find('@') != segment.npos || segment.find("%40") != segment.npos;
}

/// An e-mail address, which has no business in a path, is somebody's: it does not get into the log,
/// nor does the beginning of one.
std::string_view without_addresses(std::string_view path, Room& room) {
    if (!has_address(path)) return path;
    std::size_t size = 0;
    while (!path.empty()) {
        auto end = path.find('/', 1);
        auto segment = path.substr(0, end);
        path.remove_prefix(segment.size());
        if (has_address(segment)) segment = segment.starts_with('/') ? "/*" : "*";
        size += segment.copy(room.data() + size, room.size() - size);
    }
    return {room.data(), size};
}

}  // namespace

std::string loggable_path(std::string_view path) {
    Room room;
    return std::string(without_addresses(path, room).substr(0, path_bytes_max));
}

void AccessLine::write(telemetry::LineBuffer& lines, const Request& request) const {
    const auto& context = request.context;
    lines.begin(at, "http", "request");
    lines.text("request_id", context.request_id, 64);
    if (context.trace) lines.text("trace_id", base::trace_id(context.trace), 32);
    lines.text("listener", listener, 32);
    lines.text("method", method, method_bytes_max);
    Room room;
    // Who has such a token may read what it opens: the pattern says enough.
    bool has_token = route.find("{token}") != route.npos;
    lines.text("path", has_token ? route : without_addresses(path, room), path_bytes_max);
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
