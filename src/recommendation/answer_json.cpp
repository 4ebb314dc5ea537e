#include "answer_json.hpp"

#include <nlohmann/json.hpp>

namespace recommendation {

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string text_of(const OrderedJson& body) {
    return body.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

const char* word_of(LogKind kind) {
    switch (kind) {
        case LogKind::view:
            return "view";
        case LogKind::short_view:
            return "short_view";
        case LogKind::impression:
            return "impression";
        case LogKind::like:
            return "like";
        case LogKind::share:
            return "share";
        case LogKind::article:
        case LogKind::article_hidden:
            break;  // nobody's
    }
    return "";
}

OrderedJson to_json(const Interest& interest) {
    return {{"id", interest.label},
            {"weight", interest.weight},
            {"last_seen", base::to_rfc3339(interest.last_seen)}};
}

OrderedJson to_json(const Reader& reader) {
    OrderedJson entry{{"id", reader.id}};
    if (reader.name) entry["name"] = *reader.name;
    if (reader.email) entry["email"] = *reader.email;
    return entry;
}

OrderedJson to_json(const Preferences& preferences) {
    auto hidden = OrderedJson::array();
    for (const auto& article : preferences.hidden) hidden.push_back(to_text(article));
    return {{"followed", preferences.followed},
            {"muted", preferences.muted},
            {"hidden", std::move(hidden)}};
}

template <class T>
OrderedJson entries_of(const std::vector<T>& entries) {
    auto all = OrderedJson::array();
    for (const auto& entry : entries) all.push_back(to_json(entry));
    return all;
}

}  // namespace

std::string interests_body(const std::vector<Interest>& interests) {
    return text_of(entries_of(interests));
}

std::string readers_body(const std::vector<Reader>& readers) {
    return text_of(entries_of(readers));
}

std::string taken_body(const VisitsTaken& taken) {
    return text_of({{"status", "success"},
                    {"taken", taken.taken},
                    {"repeated", taken.repeated},
                    {"unknown", taken.unknown},
                    {"left_out", taken.left_out}});
}

std::string preferences_body(const Preferences& preferences) {
    return text_of({{"status", "success"}, {"preferences", to_json(preferences)}});
}

std::string privacy_body(bool is_personal) {
    return text_of({{"status", "success"}, {"personalisation", is_personal}});
}

std::string known_body(const Known& known) {
    OrderedJson body;
    body["status"] = "success";
    body["user"] = {{"id", known.user.id},
                    {"name", known.user.name},
                    {"email", known.user.email},
                    {"created_at", base::to_rfc3339(known.user.created_at)}};
    body["personalisation"] = known.preferences.is_personal;
    body["preferences"] = to_json(known.preferences);
    body["interests"] = entries_of(known.interests);
    body["visits"] = OrderedJson::array();
    for (const auto& row : known.visits) {
        body["visits"].push_back({{"kind", word_of(row.kind)},
                                  {"item", to_text(row.article)},
                                  {"at", base::to_rfc3339(row.at)}});
    }
    body["next"] = nullptr;
    if (known.next) body["next"] = std::to_string(*known.next);
    return text_of(body);
}

}  // namespace recommendation
