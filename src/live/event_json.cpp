#include "event_json.hpp"

#include "base/json_writer.hpp"
#include "news/article_json.hpp"
#include "news/item_json.hpp"

namespace live {

namespace {

/// JSON has no line ends of its own, so all of it is one line.
std::string event(std::string_view word, std::string_view data) {
    std::string text("event: ");
    return text.append(word).append("\ndata: ").append(data).append("\n\n");
}

}  // namespace

std::string article_text(const news::Article& article) {
    std::string text;
    base::JsonWriter json(text);
    news::write_json(json, article);
    return text;
}

std::string public_event(std::string_view word, const std::string& news_type, news::ArticleId id,
                         std::string_view article) {
    std::string data;
    base::JsonWriter json(data);
    json.open('{').member("event", word).name("news");
    if (!article.empty()) {
        json.json(article);
    } else {
        json.open('{').member("id", id).member("news_type", news_type).close('}');
    }
    json.close('}');
    return event(word, data);
}

std::string newsroom_event(std::string_view word, const Step& step, const news::Item* item) {
    std::string data;
    base::JsonWriter json(data);
    json.open('{')
        .member("event", word)
        .member("news_type", step.news_type)
        .member("news_id", step.id)
        .member("version", step.version)
        .name("actor");
    if (step.actor) {
        json.value(*step.actor);
    } else {
        json.value(nullptr);
    }
    json.member("at", base::to_rfc3339(step.at));
    if (!step.note.empty()) json.member("note", step.note);
    json.name("news");
    if (item) {
        news::write_json(json, *item);
    } else {
        json.value(nullptr);
    }
    json.close('}');
    return event(word, data);
}

std::string presence_event(const editing::ArticleName& article,
                           const std::vector<editing::Present>& people) {
    std::string data;
    base::JsonWriter json(data);
    json.open('{')
        .member("event", "presence")
        .member("news_type", article.news_type)
        .member("news_id", article.id)
        .name("present")
        .open('[');
    for (const auto& one : people) {
        json.open('{')
            .member("user", one.user)
            .member("since", base::to_rfc3339(one.since))
            .close('}');
    }
    json.close(']').close('}');
    return event("presence", data);
}

std::string reset_event(std::string_view why) {
    std::string data;
    base::JsonWriter(data).open('{').member("event", "reset").member("reason", why).close('}');
    return event("reset", data);
}

}  // namespace live
