#include "event_json.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace webhooks {

namespace {

using StoredJson = nlohmann::ordered_json;

constexpr std::array<std::string_view, std::variant_size_v<Event>> names = {
    "webhook_created.v1",  "webhook_changed.v1",        "webhook_removed.v1",
    "webhook_disabled.v1", "webhook_secret_rotated.v1", "webhook_replayed.v1"};

StoredJson json_of(const Settings& settings) {
    return {{"url", settings.url},
            {"events", text_of(settings.events)},
            {"types", text_of(settings.types)},
            {"description", settings.description},
            {"enabled", settings.enabled}};
}

Settings settings_in(const StoredJson& body) {
    Settings settings;
    settings.url = body.at("url").get<std::string>();
    settings.events = events_of(body.at("events").get<std::string>());
    settings.types = types_of(body.at("types").get<std::string>());
    settings.description = body.at("description").get<std::string>();
    settings.enabled = body.at("enabled").get<bool>();
    return settings;
}

Event event_from(std::string_view type, const StoredJson& body) {
    if (type == names[0]) return WebhookCreated{settings_in(body)};
    if (type == names[1]) return WebhookChanged{settings_in(body)};
    if (type == names[2]) return WebhookRemoved{};
    if (type == names[3]) return WebhookDisabled{};
    if (type == names[4]) return SecretRotated{};
    if (type == names[5]) {
        return WebhookReplayed{body.at("positions").get<std::map<std::string, std::int64_t>>()};
    }
    throw std::runtime_error("an event of the unknown type " + std::string(type));
}

}  // namespace

std::string_view name_of(const Event& event) {
    return names[event.index()];
}

std::string to_json(const Event& event) {
    if (const auto* made = std::get_if<WebhookCreated>(&event)) {
        return json_of(made->settings).dump();
    }
    if (const auto* changed = std::get_if<WebhookChanged>(&event)) {
        return json_of(changed->settings).dump();
    }
    if (const auto* replayed = std::get_if<WebhookReplayed>(&event)) {
        StoredJson body;
        body["positions"] = replayed->positions;
        return body.dump();
    }
    return "{}";
}

Event event_from_json(std::string_view type, std::string_view body) {
    try {
        return event_from(type, StoredJson::parse(body));
    } catch (const StoredJson::exception& failure) {
        throw std::runtime_error("a stored event cannot be read: " + std::string(failure.what()));
    }
}

}  // namespace webhooks
