#include "proxy_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace legacy {

namespace {

using http::equals_any_case;

bool begins(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && equals_any_case(text.substr(0, start.size()), start);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Whether `holds` is true for one of the elements of a list.
template <class Holds>
bool any_element(std::string_view list, Holds holds) {
    while (!list.empty()) {
        auto comma = list.find(',');
        auto element = trimmed(list.substr(0, comma));
        if (!element.empty() && holds(element)) return true;
        list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    }
    return false;
}

/// Of one hop (RFC 9110, 7.6.1), of framing, or nobody's to say but ours.
constexpr std::array<std::string_view, 13> own_names = {
    "connection", "content-length", "expect",  "forwarded", "http2-settings",    "keep-alive",
    "te",         "trailer",        "upgrade", "x-real-ip", "transfer-encoding", "x-request-id",
    "proxy"};
constexpr std::array<std::string_view, 3> own_starts = {"proxy-", "x-forwarded-", "x-portal-"};

bool is_ours(std::string_view name) {
    // A WSGI server makes `X_Real_IP` the same variable as `X-Real-IP`.
    if (name.find('_') != name.npos) return true;
    return std::any_of(own_names.begin(), own_names.end(),
                       [name](auto own) { return equals_any_case(name, own); }) ||
           std::any_of(own_starts.begin(), own_starts.end(),
                       [name](auto start) { return begins(name, start); });
}

bool is_in(const std::vector<std::string>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(),
                       [name](const auto& one) { return equals_any_case(name, one); });
}

bool is_named_by_connection(const http::Request& request, std::string_view name) {
    // Nobody's hop ends these: without Host the request would be for another site.
    if (equals_any_case(name, "host") || equals_any_case(name, "via")) return false;
    auto names_it = [name](std::string_view element) { return equals_any_case(element, name); };
    return std::any_of(request.fields.begin(), request.fields.end(), [&](const auto& field) {
        return equals_any_case(field.name, "connection") && any_element(field.value, names_it);
    });
}

std::string port_of(std::string_view host, bool secure) {
    auto after_address = host.rfind(']');
    auto colon = host.rfind(':');
    bool has_port = colon != host.npos && (after_address == host.npos || colon > after_address) &&
                    colon + 1 < host.size();
    if (has_port) return std::string(host.substr(colon + 1));
    return secure ? "443" : "80";
}

void add_ours(Fields& fields, const http::Request& request, const HeadRules& rules) {
    fields.emplace_back("Via", "1.1 " + rules.pseudonym);
    if (!request.peer.empty()) fields.emplace_back("X-Forwarded-For", request.peer);
    fields.emplace_back("X-Forwarded-Proto", request.secure ? "https" : "http");
    if (auto host = request.header("Host")) {
        fields.emplace_back("X-Forwarded-Host", *host);
        fields.emplace_back("X-Forwarded-Port", port_of(*host, request.secure));
    }
    fields.emplace_back("X-Request-Id", request.context.request_id);
}

/// What others have put beside a trace goes on with it, if it is the trace that the client named.
bool keeps_state(const http::Request& request, const base::Trace& trace) {
    auto lines = request.header_lines("traceparent");
    if (lines.size() != 1) return false;
    auto named = base::parse_traceparent(lines.front());
    return named && named->is_of(trace);
}

bool is_left_out_of_trace(const http::Request& request, const http::Request::Field& field,
                          const base::Trace& trace) {
    if (equals_any_case(field.name, "traceparent")) return true;
    return equals_any_case(field.name, "tracestate") &&
           !(base::is_tracestate(field.value) && keeps_state(request, trace));
}

}  // namespace

Fields forwarded_fields(const http::Request& request, const HeadRules& rules,
                        const base::Trace& trace) {
    Fields fields;
    fields.reserve(request.fields.size() + 6);
    auto left = forwards_left(request);
    for (const auto& field : request.fields) {
        const auto& [name, value] = field;
        if (trace && is_left_out_of_trace(request, field, trace)) continue;
        if (is_ours(name) || is_in(rules.dropped, name)) continue;
        if (is_named_by_connection(request, name)) continue;
        if (left && equals_any_case(name, "max-forwards")) {
            fields.emplace_back(name, std::to_string(*left - 1));
        } else {
            fields.emplace_back(name, value);
        }
    }
    add_ours(fields, request, rules);
    if (trace) fields.emplace_back("traceparent", base::to_traceparent(trace));
    return fields;
}

Fields repeated_fields(const http::Request& request, const HeadRules& rules) {
    auto fields = forwarded_fields(request, rules);
    fields.emplace_back("Accept-Encoding", "identity");
    fields.emplace_back("X-Portal-Shadow", "1");
    return fields;
}

bool has_passed(const http::Request& request, const HeadRules& rules) {
    auto names_us = [&rules](std::string_view element) {
        // The protocol, then who it was, then perhaps a comment.
        auto rest = trimmed(element.substr(std::min(element.find_first_of(" \t"), element.size())));
        return equals_any_case(rest.substr(0, rest.find_first_of(" \t")), rules.pseudonym);
    };
    return std::any_of(request.fields.begin(), request.fields.end(), [&](const auto& field) {
        return equals_any_case(field.name, "via") && any_element(field.value, names_us);
    });
}

std::optional<std::int64_t> forwards_left(const http::Request& request) {
    if (request.method != http::Method::options) return std::nullopt;
    auto value = request.header("Max-Forwards");
    if (!value) return std::nullopt;
    std::int64_t left = 0;
    auto* end = value->data() + value->size();
    auto read = std::from_chars(value->data(), end, left);
    if (read.ec != std::errc() || read.ptr != end || left < 0) return std::nullopt;
    return left;
}

std::optional<std::uint64_t> length_said(const Fields& fields) {
    for (const auto& [name, value] : fields) {
        if (!equals_any_case(name, "content-length")) continue;
        std::uint64_t length = 0;
        auto read = std::from_chars(value.data(), value.data() + value.size(), length);
        if (read.ec == std::errc()) return length;
    }
    return std::nullopt;
}

bool wants_no_buffer(const Fields& fields) {
    return std::any_of(fields.begin(), fields.end(), [](const auto& field) {
        if (equals_any_case(field.first, "x-accel-buffering"))
            return equals_any_case(trimmed(field.second), "no");
        return equals_any_case(field.first, "content-type") &&
               equals_any_case(
                   trimmed(std::string_view(field.second).substr(0, field.second.find(';'))),
                   "text/event-stream");
    });
}

}  // namespace legacy
