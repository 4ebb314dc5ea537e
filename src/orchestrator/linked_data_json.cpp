#include "base/json_writer.hpp"
#include "feed.hpp"
#include "shape.hpp"

namespace orchestrator {

namespace {

using base::JsonWriter;

JsonWriter& open(JsonWriter& json, const char* type) {
    return json.open('{').member("@type", type);
}

void write_pictures(JsonWriter& json, const site::Pages& pages, const news::Article& article) {
    const auto& images = article.metadata.images;
    if (images.empty()) return;
    json.name("image").open('[');
    // The one that stands for the article first.
    for (bool lead : {true, false}) {
        for (const auto& image : images) {
            if (image.is_lead != lead) continue;
            open(json, "ImageObject").member("url", picture_address(pages, image));
            if (!image.alt.empty()) json.member("description", image.alt);
            if (!image.caption.empty()) json.member("caption", image.caption);
            if (!image.credit.empty()) json.member("creditText", image.credit);
            json.close('}');
        }
    }
    json.close(']');
}

void write_corrections(JsonWriter& json, const news::Article& article) {
    if (article.corrections.empty()) return;
    json.name("correction").open('[');
    for (const auto& [note, at] : article.corrections) {
        open(json, "CorrectionComment").member("text", note);
        json.member("datePublished", base::to_rfc3339(at)).close('}');
    }
    json.close(']');
}

void write_access(JsonWriter& json, const site::Pages& pages) {
    if (pages.access.empty()) return;
    bool is_free = pages.access == "free";
    json.member("isAccessibleForFree", is_free);
    if (is_free || pages.paid_part.empty()) return;
    json.name("hasPart");
    open(json, "WebPageElement").member("isAccessibleForFree", false);
    json.member("cssSelector", pages.paid_part).close('}');
}

/// It is put into pages as it is, where `</script` would end it. Only texts have a `<`.
std::string safe_in_html(std::string_view json) {
    std::string out;
    for (char c : json) {
        if (c == '<') {
            out += "\\u003c";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

std::string linked_data_of(const site::Pages& pages, const news::Article& article) {
    const auto& metadata = article.metadata;
    auto page = page_of(pages, article);
    std::string out;
    JsonWriter json(out);
    json.open('{').member("@context", "https://schema.org").member("@type", "NewsArticle");
    json.member("@id", identity_of(pages, article)).member("url", page);
    json.member("mainEntityOfPage", metadata.canonical_url.empty() ? page : metadata.canonical_url);
    json.member("headline", article.title);
    if (!article.description.empty()) json.member("description", article.description);
    write_pictures(json, pages, article);
    json.member("datePublished", base::to_rfc3339(shown_at(article)));
    json.member("dateModified", base::to_rfc3339(article.updated_at));
    if (article.expires_at) json.member("expires", base::to_rfc3339(*article.expires_at));
    json.name("author").open('[');
    open(json, "Person").member("name", article.author).close('}').close(']');
    json.name("publisher");
    open(json, "NewsMediaOrganization");
    json.member("name", pages.name.empty() ? pages.address : pages.name);
    json.member("url", pages.address + "/").close('}');
    json.member("articleSection", article.news_type);
    if (!article.tags.empty()) json.member("keywords", article.tags);
    const auto& language = metadata.language.empty() ? pages.language : metadata.language;
    if (!language.empty()) json.member("inLanguage", language);
    if (!pages.copyright.empty()) json.member("copyrightNotice", pages.copyright);
    write_corrections(json, article);
    write_access(json, pages);
    json.close('}');
    return safe_in_html(out);
}

}  // namespace orchestrator
