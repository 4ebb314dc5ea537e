#include "breakdown_json.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace reporting {

namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string envelope(const Installation& installation, const Json& event,
                     const std::string& event_id, base::Time now) {
    auto payload = text_of(event);
    Json head;
    head["event_id"] = event_id;
    head["dsn"] = installation.dsn;
    head["sent_at"] = base::to_rfc3339(now);
    Json item;
    item["type"] = "event";
    item["length"] = payload.size();
    item["content_type"] = "application/json";
    return text_of(head) + '\n' + text_of(item) + '\n' + payload + '\n';
}

Json event_of(const Installation& installation, const std::string& event_id, base::Time at) {
    Json event;
    event["event_id"] = event_id;
    event["timestamp"] = base::to_rfc3339(at);
    event["platform"] = "native";
    event["release"] = installation.release;
    event["environment"] = installation.environment;
    return event;
}

std::uint64_t number_of(const std::string& hex) {
    std::uint64_t number = 0;
    if (hex.starts_with("0x")) std::from_chars(hex.data() + 2, hex.data() + hex.size(), number, 16);
    return number;
}

std::string hex_of(std::uint64_t number) {
    char digits[20];
    auto end = std::to_chars(digits, digits + sizeof(digits), number, 16).ptr;
    return "0x" + std::string(digits, end);
}

/// The newest call comes last there.
Json frames_of(const CrashRecord& crash) {
    Json frames = Json::array();
    for (auto frame = crash.frames.rbegin(); frame != crash.frames.rend(); ++frame) {
        Json one;
        one["instruction_addr"] = frame->address;
        if (!frame->module.empty()) one["package"] = frame->module;
        frames.push_back(std::move(one));
    }
    return frames;
}

/// What whoever has the program's symbols needs to name the calls.
Json images_of(const CrashRecord& crash) {
    Json images = Json::array();
    std::set<std::string> seen;
    for (const auto& frame : crash.frames) {
        if (frame.build_id.empty() || !seen.insert(frame.build_id).second) continue;
        Json one;
        one["type"] = "elf";
        one["code_file"] = frame.module;
        one["code_id"] = frame.build_id;
        one["image_addr"] = hex_of(number_of(frame.address) - number_of(frame.offset));
        images.push_back(std::move(one));
    }
    return images;
}

}  // namespace

std::string envelope_of(const Installation& installation, const telemetry::Breakdown& breakdown,
                        const std::string& event_id, base::Time now) {
    auto event = event_of(installation, event_id, breakdown.at);
    event["level"] = breakdown.level == telemetry::Level::critical ? "fatal" : "error";
    event["logger"] = breakdown.module;
    if (!breakdown.route.empty()) event["transaction"] = breakdown.route;
    event["message"]["formatted"] = breakdown.message;
    auto& tags = event["tags"];
    tags["module"] = breakdown.module;
    if (!breakdown.route.empty()) tags["route"] = breakdown.route;
    if (!breakdown.request_id.empty()) tags["request_id"] = breakdown.request_id;
    if (!breakdown.trace_id.empty()) {
        tags["trace_id"] = breakdown.trace_id;
        auto& trace = event["contexts"]["trace"];
        trace["trace_id"] = breakdown.trace_id;
        trace["span_id"] = breakdown.span_id;
    }
    for (const auto& [name, value] : breakdown.fields) event["extra"][name] = value;
    if (breakdown.others > 0) event["extra"]["others_not_sent"] = breakdown.others;
    event["fingerprint"] = {breakdown.module, breakdown.message, breakdown.route};
    return envelope(installation, event, event_id, now);
}

std::string envelope_of(const Installation& installation, const CrashRecord& crash,
                        const std::string& event_id, base::Time now) {
    auto event = event_of(installation, event_id, crash.at.value_or(now));
    if (!crash.version.empty()) event["release"] = "portal@" + crash.version;
    event["level"] = "fatal";
    event["logger"] = "crash";
    auto& tags = event["tags"];
    tags["module"] = "crash";
    tags["signal"] = crash.signal;
    tags["thread"] = crash.thread;
    if (!crash.last_request.empty()) tags["request_id"] = crash.last_request;
    Json thrown;
    thrown["type"] = crash.signal;
    thrown["value"] = "The process ended by " + crash.signal + ".";
    thrown["mechanism"] = {{"type", "signalhandler"}, {"handled", false}};
    thrown["stacktrace"]["frames"] = frames_of(crash);
    event["exception"]["values"] = Json::array({std::move(thrown)});
    event["debug_meta"]["images"] = images_of(crash);
    for (const auto& [name, value] : crash.further) {
        event["extra"][name] = telemetry::scrubbed(value);
    }
    return envelope(installation, event, event_id, now);
}

}  // namespace reporting
