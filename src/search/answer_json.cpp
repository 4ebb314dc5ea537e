#include "answer_json.hpp"

#include "base/json_writer.hpp"
#include "news/article_json.hpp"

namespace search {

namespace {

void write_facet(base::JsonWriter& json, std::string_view name,
                 const std::vector<FacetValue>& values) {
    json.name(name).open('[');
    for (const auto& [value, count] : values) {
        json.open('{').member("value", value).member("count", count).close('}');
    }
    json.close(']');
}

/// As lists have it, with one member more.
std::string item_json(const Item& item) {
    std::string text;
    base::JsonWriter json(text);
    news::write_json(json, item.article);
    text.pop_back();
    std::string highlight;
    base::JsonWriter(highlight)
        .open('{')
        .member("title", item.hit.title)
        .member("snippet", item.hit.snippet)
        .close('}');
    return text + ",\"highlight\":" + highlight + '}';
}

}  // namespace

std::string found_body(const Found& found, const std::vector<Item>& items) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success").name("news").open('[');
    for (const auto& item : items) json.json(item_json(item));
    json.close(']').name("next");
    if (found.next.empty()) {
        json.value(nullptr);
    } else {
        json.value(found.next);
    }
    if (found.facets) {
        json.name("facets").open('{');
        write_facet(json, "type", found.facets->types);
        write_facet(json, "tag", found.facets->tags);
        write_facet(json, "author", found.facets->authors);
        write_facet(json, "month", found.facets->months);
        json.close('}');
    }
    if (!found.failed.empty()) json.member("partial", true).member("failed", found.failed);
    json.close('}');
    return body;
}

}  // namespace search
