#include "answer_json.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "news/article_json.hpp"

namespace orchestrator {

using Json = nlohmann::ordered_json;

namespace {

std::string sentence_of(std::string_view kind, std::int64_t count) {
    std::string words(kind);
    std::replace(words.begin(), words.end(), '_', ' ');
    return "Left out of the content: " + words + " (" + std::to_string(count) +
           "). News HTML does not have that, or not there.";
}

/// What the content of a written item has lost; `field` names it.
void write_warnings(base::JsonWriter& json, const news::Article& article,
                    const std::string& field) {
    for (const auto& [kind, count] : article.dropped) {
        json.open('{')
            .member("code", std::string(kind) + "_dropped")
            .member("field", field)
            .member("message", sentence_of(kind, count))
            .close('}');
    }
}

}  // namespace

std::string item_body(const news::Article& article) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news");
    news::write_json(json, article);
    if (!article.dropped.empty()) {
        json.name("warnings").open('[');
        write_warnings(json, article, "content");
        json.close(']');
    }
    json.close('}');
    return body;
}

bool is_item_member(std::string_view name) {
    // Those that only some items have stand here, too.
    static constexpr std::array names = {
        "author",      "authors",      "canonical_url", "content",       "content_format",
        "corrections", "created_at",   "description",   "embargo_until", "expires_at",
        "extra",       "id",           "images",        "language",      "legacy_id",
        "news_type",   "published_at", "related",       "slug",          "status",
        "tags",        "title",        "translations",  "updated_at",    "version"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string sparse_item(news::Article article, const std::vector<std::string>& fields) {
    bool has_content = std::binary_search(fields.begin(), fields.end(), "content");
    if (!has_content) article.content.clear();
    std::string whole;
    base::JsonWriter json(whole);
    news::write_json(json, article);
    auto item = Json::parse(whole);
    Json some = Json::object();
    for (auto& [name, value] : item.items()) {
        if (!std::binary_search(fields.begin(), fields.end(), name)) continue;
        some[name] = std::move(value);
    }
    return some.dump();
}

std::string list_body(const Listing& listing, bool with_next,
                      const std::vector<std::string>& fields) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news").open('[');
    for (const auto& article : listing.items) {
        if (fields.empty()) {
            news::write_json(json, article);
        } else {
            json.json(sparse_item(article, fields));
        }
    }
    json.close(']');
    if (listing.count) json.member("count", *listing.count);
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
        if (!entry.note.empty()) one["note"] = entry.note;
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

std::string batch_body(const std::vector<news::Article>& articles) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news").open('[');
    for (const auto& article : articles) news::write_json(json, article);
    json.close(']');
    bool any_lost = std::any_of(articles.begin(), articles.end(),
                                [](const auto& article) { return !article.dropped.empty(); });
    if (any_lost) json.name("warnings").open('[');
    for (std::size_t i = 0; i < articles.size(); ++i) {
        write_warnings(json, articles[i], "commands[" + std::to_string(i) + "].content");
    }
    if (any_lost) json.close(']');
    json.close('}');
    return body;
}

std::string removed_body(news::ArticleId id) {
    Json body;
    body["status"] = "success";
    body["news_id"] = id;
    return body.dump();
}

}  // namespace orchestrator
