#include "span_json.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace reporting {

namespace {

using Json = nlohmann::ordered_json;

Json text_value(std::string_view text) {
    Json value;
    value["stringValue"] = text;
    return value;
}

Json attribute(std::string_view name, Json value) {
    Json one;
    one["key"] = name;
    one["value"] = std::move(value);
    return one;
}

Json attributes_of(const telemetry::Span& span) {
    Json all = Json::array();
    for (const auto& [name, held] : span.attributes) {
        if (const auto* text = std::get_if<std::string>(&held)) {
            all.push_back(attribute(name, text_value(*text)));
        } else {
            Json value;
            value["intValue"] = std::to_string(std::get<std::int64_t>(held));
            all.push_back(attribute(name, std::move(value)));
        }
    }
    return all;
}

Json span_json(const telemetry::Span& span) {
    auto begun =
        std::chrono::duration_cast<std::chrono::nanoseconds>(span.begun.time_since_epoch());
    Json json;
    json["traceId"] = base::trace_id(span.trace);
    json["spanId"] = base::span_id(span.trace.span);
    if (span.parent != 0) json["parentSpanId"] = base::span_id(span.parent);
    json["name"] = span.name;
    json["kind"] = static_cast<int>(span.kind);
    json["startTimeUnixNano"] = std::to_string(begun.count());
    json["endTimeUnixNano"] = std::to_string((begun + span.took).count());
    json["attributes"] = attributes_of(span);
    constexpr int error = 2;
    if (span.failed) json["status"]["code"] = error;
    return json;
}

}  // namespace

std::string to_json(const Speaker& speaker, const std::vector<telemetry::Span>& spans) {
    Json scoped;
    scoped["scope"]["name"] = "portal";
    scoped["scope"]["version"] = speaker.version;
    auto& list = scoped["spans"] = Json::array();
    for (const auto& span : spans) list.push_back(span_json(span));

    Json resource;
    auto& said = resource["resource"]["attributes"] = Json::array();
    said.push_back(attribute("service.name", text_value(speaker.service)));
    said.push_back(attribute("service.version", text_value(speaker.version)));
    said.push_back(attribute("service.instance.id", text_value(speaker.instance)));
    resource["scopeSpans"] = Json::array();
    resource["scopeSpans"].push_back(std::move(scoped));

    Json body;
    body["resourceSpans"] = Json::array();
    body["resourceSpans"].push_back(std::move(resource));
    // Paths and ids come from clients, and need not be UTF-8.
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::uint64_t rejected_spans(std::string_view answer) {
    auto json = Json::parse(answer, nullptr, false);
    if (!json.is_object() || !json.contains("partialSuccess")) return 0;
    const auto& partial = json["partialSuccess"];
    if (!partial.is_object() || !partial.contains("rejectedSpans")) return 0;
    const auto& count = partial["rejectedSpans"];
    if (count.is_number_unsigned()) return count.get<std::uint64_t>();
    if (!count.is_string()) return 0;
    constexpr std::int64_t most = std::int64_t{1} << 53;
    return static_cast<std::uint64_t>(
        base::parse_number(count.get_ref<const std::string&>(), most).value_or(0));
}

}  // namespace reporting
