#include "answer_json.hpp"

#include <nlohmann/json.hpp>

#include "news/article_json.hpp"

namespace orchestrator {

using Json = nlohmann::ordered_json;

std::string item_body(const news::Article& article) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news");
    news::write_json(json, article);
    json.close('}');
    return body;
}

std::string list_body(const Listing& listing, bool with_next) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news").open('[');
    for (const auto& article : listing.items) news::write_json(json, article);
    json.close(']');
    if (with_next) {
        json.name("next");
        if (listing.more && !listing.items.empty()) {
            json.value(to_cursor(cursor_of(listing.items.back())));
        } else {
            json.value(nullptr);
        }
    }
    if (!listing.failed.empty()) json.member("partial", true).member("failed", listing.failed);
    json.close('}');
    return body;
}

std::string history_body(news::ArticleId id, const news::HistoryPage& history) {
    Json body;
    body["status"] = "success";
    body["news_id"] = id;
    body["history"] = Json::array();
    for (const auto& entry : history.entries) {
        Json one;
        one["version"] = entry.version;
        one["type"] = entry.type;
        one["actor"] = nullptr;
        if (entry.actor) one["actor"] = *entry.actor;
        one["at"] = base::to_rfc3339(entry.at);
        one["changes"] = Json::object();
        for (const auto& change : entry.changes) {
            one["changes"][change.member] =
                Json::array({Json::parse(change.before), Json::parse(change.after)});
        }
        if (entry.content_left_out) one["content_left_out"] = true;
        body["history"].push_back(std::move(one));
    }
    body["next"] = nullptr;
    if (history.next) body["next"] = std::to_string(*history.next);
    return body.dump();
}

std::string stale_body(std::string_view body) {
    constexpr std::string_view mark = R"(,"stale":true})";
    std::string marked(body.substr(0, body.rfind('}')));
    return marked.append(mark);
}

std::string removed_body(news::ArticleId id) {
    Json body;
    body["status"] = "success";
    body["news_id"] = id;
    return body.dump();
}

}  // namespace orchestrator
