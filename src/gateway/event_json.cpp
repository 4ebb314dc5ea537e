#include "event_json.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_writer.hpp"
#include "bucket.hpp"

namespace gateway {

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, std::variant_size_v<Event>> names = {
    "route_mode_changed.v1", "route_mode_undone.v1", "migration_finished.v1"};

void write_state(base::JsonWriter& json, const RouteState& state) {
    json.open('{')
        .member("mode", name_of(state.mode))
        .member("percent", state.percent)
        .member("compare_percent", state.compare_percent)
        .close('}');
}

RouteState state_in(const Json& object) {
    auto mode = parse_mode(object.at("mode").get<std::string>());
    if (!mode) throw std::runtime_error("a stored event names a mode that is none");
    return {*mode, object.at("percent").get<std::int64_t>(),
            object.at("compare_percent").get<std::int64_t>()};
}

Event event_from(std::string_view type, const Json& body) {
    if (type == names[0]) {
        RouteModeChanged changed;
        changed.route = body.at("route").get<std::string>();
        if (!body.at("before").is_null()) changed.before = state_in(body.at("before"));
        changed.after = state_in(body.at("after"));
        return changed;
    }
    if (type == names[1]) {
        return RouteModeUndone{body.at("route").get<std::string>(), state_in(body.at("before")),
                               state_in(body.at("after"))};
    }
    if (type == names[2]) return MigrationFinished{};
    throw std::runtime_error("an event of the unknown type " + std::string(type));
}

}  // namespace

std::string_view name_of(const Event& event) {
    return names[event.index()];
}

std::string_view route_of(const Event& event) {
    if (const auto* changed = std::get_if<RouteModeChanged>(&event)) return changed->route;
    if (const auto* undone = std::get_if<RouteModeUndone>(&event)) return undone->route;
    return {};
}

std::int64_t stream_of(std::string_view route) {
    constexpr std::uint64_t id_max = (std::uint64_t{1} << 53) - 1;
    // 0 is no stream.
    return static_cast<std::int64_t>(stable_hash("route", route) % id_max) + 1;
}

std::string to_json(const Event& event) {
    if (std::holds_alternative<MigrationFinished>(event)) return "{}";
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("route", route_of(event)).name("before");
    if (const auto* changed = std::get_if<RouteModeChanged>(&event)) {
        if (changed->before) {
            write_state(json, *changed->before);
        } else {
            json.value(nullptr);
        }
        json.name("after");
        write_state(json, changed->after);
    } else {
        const auto& undone = std::get<RouteModeUndone>(event);
        write_state(json, undone.before);
        json.name("after");
        write_state(json, undone.after);
    }
    json.close('}');
    return body;
}

/// Whatever the library says of a text that is not what it should be is one exception here.
Event event_from_json(std::string_view type, std::string_view body) {
    try {
        return event_from(type, Json::parse(body));
    } catch (const Json::exception& failure) {
        throw std::runtime_error("a stored event cannot be read: " + std::string(failure.what()));
    }
}

Event gateway_event(const bus::Event& event) {
    return event_from_json(event.type, event.body);
}

}  // namespace gateway
