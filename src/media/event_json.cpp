#include "event_json.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace media {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, std::variant_size_v<Event>> event_names = {
    "media_added.v1", "media_described.v1", "media_removed.v1"};

json body_of(const MediaAdded& added) {
    const auto& [bytes, description, focus] = added;
    return {{"sha256", bytes.sha256},       {"kind", bytes.kind},
            {"bytes", bytes.bytes},         {"width", bytes.width},
            {"height", bytes.height},       {"alt", description.alt},
            {"credit", description.credit}, {"focus", {{"x", focus.x}, {"y", focus.y}}}};
}

json body_of(const MediaDescribed& described) {
    return {{"alt", described.description.alt}, {"credit", described.description.credit}};
}

json body_of(const MediaRemoved&) {
    return json::object();
}

Description description_in(const json& body) {
    return {body.at("alt").get<std::string>(), body.at("credit").get<std::string>()};
}

Event event_from(std::string_view type, const json& body) {
    if (!body.is_object()) throw std::runtime_error("a stored event is no JSON object");
    if (type == event_names[0]) {
        MediaAdded added;
        body.at("sha256").get_to(added.bytes.sha256);
        body.at("kind").get_to(added.bytes.kind);
        body.at("bytes").get_to(added.bytes.bytes);
        body.at("width").get_to(added.bytes.width);
        body.at("height").get_to(added.bytes.height);
        added.description = description_in(body);
        body.at("focus").at("x").get_to(added.focus.x);
        body.at("focus").at("y").get_to(added.focus.y);
        return added;
    }
    if (type == event_names[1]) return MediaDescribed{description_in(body)};
    if (type == event_names[2]) return MediaRemoved{};
    throw std::runtime_error("an event of the unknown type " + std::string(type));
}

}  // namespace

std::string_view name_of(const Event& event) {
    return event_names[event.index()];
}

std::string to_json(const Event& event) {
    return std::visit([](const auto& said) { return body_of(said).dump(); }, event);
}

Event event_from_json(std::string_view type, std::string_view body) {
    try {
        return event_from(type, json::parse(body));
    } catch (const json::exception& failure) {
        throw std::runtime_error("a stored event cannot be read: " + std::string(failure.what()));
    }
}

Event media_event(const bus::Event& event) {
    return event_from_json(event.type, event.body);
}

}  // namespace media
