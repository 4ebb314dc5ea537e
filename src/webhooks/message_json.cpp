#include "message_json.hpp"

#include "base/json_writer.hpp"
#include "news/article_json.hpp"

namespace webhooks {

std::string message_body(const Announcement& what, const std::optional<news::Article>& shown) {
    std::string body;
    base::JsonWriter json(body);
    auto word = news::name_of(what.change);
    json.open('{')
        .member("type", "news." + std::string(word))
        .member("timestamp", base::to_rfc3339(what.at))
        .name("data")
        .open('{')
        .member("event", word)
        .name("news");
    if (shown) {
        news::write_json(json, *shown);
    } else {
        json.open('{').member("news_type", what.news_type).member("id", what.article).close('}');
    }
    json.close('}').close('}');
    return body;
}

std::string ping_body(WebhookId webhook, base::Time at) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{')
        .member("type", "webhook.ping")
        .member("timestamp", base::to_rfc3339(at))
        .name("data")
        .open('{')
        .member("webhook", webhook)
        .close('}')
        .close('}');
    return body;
}

}  // namespace webhooks
