#include "answer_json.hpp"

#include <nlohmann/json.hpp>

#include "news/article_json.hpp"

namespace orchestrator {

using Json = nlohmann::ordered_json;

std::string item_body(const news::Article& article) {
    Json body;
    body["status"] = "success";
    body["news"] = news::to_json(article);
    return body.dump();
}

std::string list_body(const Listing& listing, bool with_next) {
    Json body;
    body["status"] = "success";
    body["news"] = Json::array();
    for (const auto& article : listing.items) body["news"].push_back(news::to_json(article));
    if (with_next) {
        body["next"] = nullptr;
        if (listing.more && !listing.items.empty()) {
            body["next"] = to_cursor(place_of(listing.items.back()));
        }
    }
    if (!listing.failed.empty()) {
        body["partial"] = true;
        body["failed"] = listing.failed;
    }
    return body.dump();
}

std::string history_body(news::ArticleId id, const std::vector<news::HistoryEntry>& history) {
    Json body;
    body["status"] = "success";
    body["news_id"] = id;
    body["history"] = Json::array();
    for (const auto& entry : history) {
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
        body["history"].push_back(std::move(one));
    }
    return body.dump();
}

std::string removed_body(news::ArticleId id) {
    Json body;
    body["status"] = "success";
    body["news_id"] = id;
    return body.dump();
}

}  // namespace orchestrator
