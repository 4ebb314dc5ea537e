#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "feed.hpp"
#include "shape.hpp"

namespace orchestrator {

namespace {

using base::JsonWriter;

/// Writes members by the names that they have in one of the two versions: `pubStatus` in 3,
/// `pubstatus` in 2.
class NinjsWriter {
public:
    NinjsWriter(std::string& out, Shape shape) : json_(out), is_3_(shape == Shape::ninjs_3) {}

    JsonWriter& json() { return json_; }
    NinjsWriter& name(std::string_view text) {
        if (!is_3_ && text == "embargoedUntil") text = "embargoed";
        std::string lower(text);
        for (auto& c : lower) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        json_.name(is_3_ ? text : lower);
        return *this;
    }
    template <class Value>
    NinjsWriter& member(std::string_view its_name, const Value& value) {
        name(its_name);
        json_.value(value);
        return *this;
    }
    NinjsWriter& said(std::string_view its_name, const std::string& text) {
        return text.empty() ? *this : member(its_name, text);
    }
    void begin(const std::string& uri, std::string_view type, std::string_view status) {
        json_.open('{').member("uri", uri);
        name("standard");
        json_.open('{').member("name", "ninjs").member("version", is_3_ ? "3.0" : "2.2").close('}');
        member("type", type).member("pubStatus", status);
    }
    /// A list of those texts, each with its role, that are not empty; none if all are.
    using Texts = std::initializer_list<std::pair<const char*, const std::string&>>;
    void texts(std::string_view its_name, Texts all) {
        bool is_begun = false;
        for (const auto& [role, value] : all) {
            if (value.empty()) continue;
            if (!is_begun) {
                name(its_name);
                json_.open('[');
            }
            is_begun = true;
            json_.open('{').member("role", role);
            member("contentType", "text/plain").member("value", value);
            json_.close('}');
        }
        if (is_begun) json_.close(']');
    }

private:
    JsonWriter json_;
    bool is_3_;
};

const char* media_type_of(news::ContentFormat format) {
    if (format == news::ContentFormat::html) return "text/html";
    return format == news::ContentFormat::markdown ? "text/markdown" : "text/plain";
}

void write_body(NinjsWriter& ninjs, const site::Pages& pages, const news::Article& article) {
    bool is_html = article.content_format == news::ContentFormat::html;
    auto content = is_html ? standalone_html(pages, article) : article.content;
    auto characters = static_cast<std::int64_t>(base::count_code_points(content).value_or(0));
    ninjs.name("bodies");
    ninjs.json().open('[').open('{').member("role", "main");
    ninjs.member("contentType", media_type_of(article.content_format));
    ninjs.member("charCount", characters).member("value", content);
    ninjs.json().close('}').close(']');
}

void write_pictures(NinjsWriter& ninjs, const site::Pages& pages, const news::Article& article) {
    const auto& images = article.metadata.images;
    if (images.empty()) return;
    auto& json = ninjs.json();
    ninjs.name("associations");
    json.open('[');
    std::int64_t number = 0;
    for (const auto& image : images) {
        auto address = picture_address(pages, image);
        auto name = image.is_lead ? "lead" : "inline-" + std::to_string(++number);
        json.open('{').member("name", name).member("uri", address).member("type", "picture");
        ninjs.said("by", image.credit);
        ninjs.texts("descriptions", {{"caption", image.caption}, {"alt", image.alt}});
        ninjs.name("renditions");
        json.open('[').open('{').member("name", "original").member("href", address);
        json.close('}').close(']').close('}');
    }
    json.close(']');
}

void write_words(NinjsWriter& ninjs, const news::Article& article) {
    auto& json = ninjs.json();
    ninjs.name("people");
    json.open('[').open('{').member("name", article.author).member("rel", "author");
    json.close('}').close(']');
    ninjs.name("subjects");
    json.open('[').open('{').member("name", article.news_type).member("rel", "section").close('}');
    for (const auto& tag : article.tags) {
        json.open('{').member("name", tag).member("rel", "about").close('}');
    }
    json.close(']');
    if (article.legacy_id.empty()) return;
    ninjs.name("altIds");
    json.open('[').open('{').member("role", "legacy").member("value", article.legacy_id);
    json.close('}').close(']');
}

std::string notes_of(const news::Article& article) {
    std::string notes;
    for (const auto& [note, at] : article.corrections) {
        if (!notes.empty()) notes += "\n";
        notes += base::to_rfc3339(at) + " " + note;
    }
    return notes;
}

}  // namespace

std::string ninjs_of(const site::Pages& pages, const news::Article& article, Shape shape,
                     bool is_public) {
    std::string out;
    NinjsWriter ninjs(out, shape);
    ninjs.begin(identity_of(pages, article), "text", is_public ? "usable" : "withheld");
    ninjs.member("version", std::to_string(article.version));
    ninjs.member("firstCreated", base::to_rfc3339(article.created_at));
    ninjs.member("versionCreated", base::to_rfc3339(article.updated_at));
    ninjs.member("contentCreated", base::to_rfc3339(shown_at(article)));
    if (article.embargo_until) {
        ninjs.member("embargoedUntil", base::to_rfc3339(*article.embargo_until));
    }
    if (article.expires_at) ninjs.member("expires", base::to_rfc3339(*article.expires_at));
    const auto& language = article.metadata.language;
    ninjs.said("language", language.empty() ? pages.language : language);
    ninjs.said("slugline", article.slug).said("by", article.author);
    ninjs.texts("headlines", {{"main", article.title}});
    ninjs.texts("descriptions", {{"summary", article.description}});
    write_body(ninjs, pages, article);
    write_words(ninjs, article);
    ninjs.said("edNote", notes_of(article)).said("copyrightNotice", pages.copyright);
    write_pictures(ninjs, pages, article);
    ninjs.json().close('}');
    return out;
}

std::string canceled_ninjs_of(const site::Pages& pages, std::string_view news_type,
                              news::ArticleId id, std::string_view notice, Shape shape) {
    news::Article article;
    article.id = id;
    article.news_type = news_type;
    std::string out;
    NinjsWriter ninjs(out, shape);
    ninjs.begin(identity_of(pages, article), "text", "canceled");
    ninjs.member("edNote", notice);
    ninjs.json().close('}');
    return out;
}

}  // namespace orchestrator
