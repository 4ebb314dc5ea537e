#include "answer_json.hpp"

#include <nlohmann/json.hpp>

namespace site {

namespace {

using Json = nlohmann::ordered_json;

Json json_or_null(const std::optional<std::string>& text) {
    return text ? Json(*text) : Json();
}

Json to_json(const std::vector<ListEntry>& entries) {
    auto array = Json::array();
    for (const auto& entry : entries) {
        Json one;
        if (const auto* slot = std::get_if<ListSlot>(&entry)) {
            one["newest"] = json_or_null(slot->newest);
        } else {
            const auto& item = std::get<ListItem>(entry);
            one["type"] = item.news_type;
            one["id"] = item.id;
            one["pinned"] = item.pinned;
        }
        array.push_back(std::move(one));
    }
    return array;
}

Json to_json(const news::StateCounts& counts) {
    return {{"draft", counts.draft},
            {"scheduled", counts.scheduled},
            {"published", counts.published},
            {"removed", counts.removed}};
}

}  // namespace

std::string stored_body(const RedirectsStored& stored) {
    return Json{{"stored", stored.stored},
                {"removed", stored.removed},
                {"unchanged", stored.unchanged},
                {"total", stored.total}}
        .dump();
}

std::string redirects_body(const std::vector<Redirect>& redirects, const std::string& next) {
    Json body;
    body["redirects"] = Json::array();
    for (const auto& redirect : redirects) {
        Json one;
        one["from"] = redirect.from;
        one["to"] = json_or_null(redirect.to);
        one["permanent"] = redirect.permanent;
        body["redirects"].push_back(std::move(one));
    }
    body["next"] = next.empty() ? Json() : Json(next);
    return body.dump();
}

std::string resolution_body(const Resolution& resolution, int status) {
    Json body;
    body["path"] = resolution.path;
    body["to"] = json_or_null(resolution.to);
    body["status"] = status;
    return body.dump();
}

std::string list_body(const List& list) {
    Json body;
    body["name"] = list.name;
    body["version"] = list.version;
    body["updated_at"] = base::to_rfc3339(list.updated_at);
    body["entries"] = to_json(list.entries);
    return body.dump();
}

std::string lists_body(const std::vector<ListSummary>& lists) {
    Json body;
    body["lists"] = Json::array();
    for (const auto& list : lists) {
        Json one;
        one["name"] = list.name;
        one["version"] = list.version;
        one["updated_at"] = base::to_rfc3339(list.updated_at);
        body["lists"].push_back(std::move(one));
    }
    return body.dump();
}

std::string history_body(const std::string& name, const ListHistory& history) {
    Json body;
    body["name"] = name;
    body["history"] = Json::array();
    for (const auto& entry : history.entries) {
        Json one;
        one["version"] = entry.version;
        one["type"] = entry.type;
        one["actor"] = entry.actor ? Json(*entry.actor) : Json();
        one["at"] = base::to_rfc3339(entry.at);
        one["entries"] = entry.entries ? to_json(*entry.entries) : Json();
        body["history"].push_back(std::move(one));
    }
    body["next"] = history.next ? Json(std::to_string(*history.next)) : Json();
    return body.dump();
}

std::string counts_body(const SiteCounts& counts) {
    Json body;
    body["types"] = Json::object();
    for (const auto& [type, of_type] : counts.types) body["types"][type] = to_json(of_type);
    body["total"] = to_json(counts.total);
    return body.dump();
}

}  // namespace site
