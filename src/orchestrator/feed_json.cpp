#include "base/json_writer.hpp"
#include "feed.hpp"

namespace orchestrator {

namespace {

void write_item(base::JsonWriter& json, const site::Pages& pages, const news::Article& article) {
    const auto& metadata = article.metadata;
    json.open('{').member("id", identity_of(pages, article));
    json.member("url", page_of(pages, article)).member("title", article.title);
    json.member("content_html", standalone_html(pages, article));
    if (!article.description.empty()) json.member("summary", article.description);
    for (const auto& image : metadata.images) {
        if (image.is_lead) json.member("image", picture_address(pages, image));
    }
    json.member("date_published", base::to_rfc3339(shown_at(article)));
    json.member("date_modified", base::to_rfc3339(article.updated_at));
    json.name("authors").open('[').open('{').member("name", article.author).close('}').close(']');
    json.member("tags", article.tags);
    if (!metadata.language.empty()) json.member("language", metadata.language);
    json.close('}');
}

}  // namespace

std::string json_feed_of(const Feed& feed) {
    const auto& pages = feed.pages;
    std::string out;
    base::JsonWriter json(out);
    json.open('{').member("version", "https://jsonfeed.org/version/1.1");
    json.member("title", feed.title).member("home_page_url", pages.address + "/");
    json.member("feed_url", feed.self);
    if (!pages.description.empty()) json.member("description", pages.description);
    if (!pages.language.empty()) json.member("language", pages.language);
    json.name("items").open('[');
    for (const auto& article : feed.articles) write_item(json, pages, article);
    json.close(']').close('}');
    return out;
}

}  // namespace orchestrator
