#include "news/item_json.hpp"

namespace news {

void write_json(base::JsonWriter& json, const Item& item) {
    auto time_or_none = [&](const char* name, const std::optional<base::Time>& time) {
        if (time) json.member(name, base::to_rfc3339(*time));
    };
    json.open('{')
        .member("id", item.id)
        .member("news_type", item.news_type)
        .member("version", item.version)
        .member("status", name_of(item.stage))
        .member("title", item.title)
        .member("slug", item.slug)
        .member("author", item.author)
        .member("tags", item.tags);
    if (!item.language.empty()) json.member("language", item.language);
    json.name("created_by");
    if (item.created_by) {
        json.value(*item.created_by);
    } else {
        json.value(nullptr);
    }
    json.member("created_at", base::to_rfc3339(item.created_at))
        .member("updated_at", base::to_rfc3339(item.updated_at))
        .name("published_at");
    if (item.published_at) {
        json.value(base::to_rfc3339(*item.published_at));
    } else {
        json.value(nullptr);
    }
    time_or_none("embargo_until", item.embargo_until);
    time_or_none("expires_at", item.expires_at);
    json.close('}');
}

}  // namespace news
