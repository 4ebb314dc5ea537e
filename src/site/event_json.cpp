#include "event_json.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_writer.hpp"

namespace site {

namespace {

using Json = nlohmann::json;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

constexpr std::uint64_t id_max = (std::uint64_t{1} << 53) - 1;
constexpr std::array<std::string_view, std::variant_size_v<Event>> names = {
    "redirects_changed.v1", "list_changed.v1", "list_removed.v1"};

void write_entries(base::JsonWriter& json, const std::vector<ListEntry>& entries) {
    json.open('[');
    for (const auto& entry : entries) {
        json.open('{');
        if (const auto* slot = std::get_if<ListSlot>(&entry)) {
            json.name("newest");
            if (slot->newest) {
                json.value(*slot->newest);
            } else {
                json.value(nullptr);
            }
        } else {
            const auto& item = std::get<ListItem>(entry);
            json.member("type", item.news_type).member("id", item.id);
            if (item.pinned) json.member("pinned", true);
        }
        json.close('}');
    }
    json.close(']');
}

std::vector<ListEntry> entries_in(const Json& array) {
    std::vector<ListEntry> entries;
    for (const auto& one : array) {
        if (one.contains("newest")) {
            ListSlot slot;
            if (!one.at("newest").is_null()) slot.newest = one.at("newest").get<std::string>();
            entries.emplace_back(std::move(slot));
            continue;
        }
        const auto& id = one.at("id");
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() > id_max) {
            throw std::runtime_error("a stored list has an id that is none");
        }
        ListItem item{one.at("type").get<std::string>(), id.get<std::int64_t>(),
                      one.value("pinned", false)};
        entries.emplace_back(std::move(item));
    }
    return entries;
}

Redirect redirect_in(const Json& object) {
    Redirect redirect;
    redirect.from = object.at("from").get<std::string>();
    const auto& to = object.at("to");
    if (!to.is_null()) redirect.to = to.get<std::string>();
    redirect.permanent = object.at("permanent").get<bool>();
    redirect.source = object.value("source", std::string());
    return redirect;
}

Event event_from(std::string_view type, const Json& body) {
    if (!body.is_object()) throw std::runtime_error("a stored event is no JSON object");
    if (type == names[0]) {
        RedirectsChanged changed;
        for (const auto& one : body.at("stored")) changed.stored.push_back(redirect_in(one));
        body.at("removed").get_to(changed.removed);
        return changed;
    }
    if (type == names[1]) {
        return ListChanged{body.at("name").get<std::string>(), entries_in(body.at("entries"))};
    }
    if (type == names[2]) return ListRemoved{body.at("name").get<std::string>()};
    throw std::runtime_error("an event of the unknown type " + std::string(type));
}

/// Whatever the library says of a text that is not what it should be is one exception here.
template <class Read>
auto read(std::string_view text, Read from) {
    try {
        return from(Json::parse(text));
    } catch (const Json::exception& failure) {
        throw std::runtime_error("a stored event cannot be read: " + std::string(failure.what()));
    }
}

}  // namespace

std::string_view name_of(const Event& event) {
    return names[event.index()];
}

std::string to_json(const Event& event) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{');
    std::visit(Overloaded{
                   [&](const RedirectsChanged& changed) {
                       json.name("stored").open('[');
                       for (const auto& redirect : changed.stored) {
                           json.open('{').member("from", redirect.from).name("to");
                           if (redirect.to) {
                               json.value(*redirect.to);
                           } else {
                               json.value(nullptr);
                           }
                           json.member("permanent", redirect.permanent);
                           if (!redirect.source.empty()) json.member("source", redirect.source);
                           json.close('}');
                       }
                       json.close(']').member("removed", changed.removed);
                   },
                   [&](const ListChanged& changed) {
                       json.member("name", changed.name).name("entries");
                       write_entries(json, changed.entries);
                   },
                   [&](const ListRemoved& removed) { json.member("name", removed.name); },
               },
               event);
    json.close('}');
    return body;
}

Event event_from_json(std::string_view type, std::string_view body) {
    return read(body, [type](const Json& json) { return event_from(type, json); });
}

Event site_event(const bus::Event& event) {
    return event_from_json(event.type, event.body);
}

std::string entries_to_json(const std::vector<ListEntry>& entries) {
    std::string text;
    base::JsonWriter json(text);
    write_entries(json, entries);
    return text;
}

std::vector<ListEntry> entries_from_json(std::string_view text) {
    return read(text, entries_in);
}

}  // namespace site
