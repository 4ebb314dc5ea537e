#include "written_item_json.hpp"

#include <algorithm>

#include "news/importer.hpp"
#include "news/metadata.hpp"
#include "time_text.hpp"
#include "value.hpp"
#include "value_json.hpp"

namespace django {

namespace {

constexpr std::size_t extra_bytes_max = 16 * 1024;

void set(Value& into, const char* name, const std::string& text) {
    if (!text.empty()) into.set(name, Value(text));
}
void set(Value& into, const char* name, const std::optional<base::Time>& time) {
    if (time) into.set(name, Value(base::to_rfc3339(*time)));
}
/// Of our own text, so it can be read.
Value members_of(const std::string& extra) {
    auto members = value_from_json(extra);
    return members && members->is_object() ? std::move(*members) : Value::object();
}

std::vector<Value> images_of(const Content& content) {
    std::vector<Value> pictures;
    for (const auto& image : content.images) {
        auto one = Value::object();
        one.set("address", Value(image.address));
        set(one, "alt", image.alt);
        set(one, "caption", image.caption);
        set(one, "credit", image.credit);
        pictures.push_back(std::move(one));
    }
    return pictures;
}

std::vector<Value> corrections_of(const Item& item) {
    std::vector<Value> corrections;
    for (const auto& correction : item.corrections) {
        auto one = Value::object();
        one.set("kind", Value(correction.kind));
        one.set("text", Value(correction.text));
        set(one, "at", correction.at);
        corrections.push_back(std::move(one));
    }
    return corrections;
}

/// Empty: none, or what is no language tag.
std::string language_of(const Content& content) {
    return news::tidy_language(content.language).value_or("");
}

/// What an article has no member for, one after the other as long as there is room.
class Extra {
public:
    Extra(const Content& content, std::vector<Warning>* warnings)
        : members_(members_of(content.extra)), warnings_(warnings) {
        bytes_ = to_json(members_).size();
        add("images", images_of(content));
        if (!content.language.empty() && language_of(content).empty()) {
            add("language", Value(content.language));
        }
    }

    void add(const char* name, Value value) {
        if (members_.find(name)) return;  // the mapping's own word
        auto bytes = to_json(value).size() + std::string_view(name).size() + 4;
        if (bytes_ + bytes > extra_bytes_max) {
            if (warnings_) {
                warnings_->push_back(
                    {"extra_full",
                     std::string(name) + " is left out: `extra` would be over 16 KiB"});
            }
            return;
        }
        bytes_ += bytes;
        members_.set(name, std::move(value));
    }
    void add(const char* name, std::vector<Value> values) {
        if (!values.empty()) add(name, Value::list(std::move(values)));
    }
    void add(const char* name, const std::optional<base::Time>& time) {
        if (time) add(name, Value(base::to_rfc3339(*time)));
    }

    std::string text() const { return members_.items.empty() ? "" : to_json(members_); }

private:
    Value members_;
    std::vector<Warning>* warnings_;
    std::size_t bytes_ = 0;
};

/// Those who have accounts here, each once, as many as an article may have.
std::vector<std::int64_t> authors_of(const Item& item, const UserOf& user_of) {
    std::vector<std::int64_t> authors;
    for (const auto& author : item.authors) {
        auto user = user_of(author);
        bool is_there = user && std::find(authors.begin(), authors.end(), *user) != authors.end();
        if (user && !is_there && authors.size() < news::authors_max) authors.push_back(*user);
    }
    return authors;
}

/// The authors that it says of all, in their order, unless they are all among `known`.
std::vector<Value> other_authors(const Item& item, const UserOf& user_of,
                                 const std::vector<std::int64_t>& known) {
    std::vector<Value> all;
    bool are_known = true;
    for (const auto& author : item.authors) {
        auto user = user_of(author);
        all.push_back(user ? Value::number(*user) : Value(author));
        are_known =
            are_known && user && std::find(known.begin(), known.end(), *user) != known.end();
    }
    if (are_known) all.clear();
    return all;
}

news::Metadata metadata_of(const Item& item, const UserOf& user_of) {
    news::Metadata metadata;
    metadata.authors = authors_of(item, user_of);
    metadata.language = language_of(item.content);
    metadata.canonical_url = news::tidy_canonical_url(item.canonical_url).value_or("");
    return metadata;
}

std::string extra_of(const Item& item, const UserOf& user_of, const news::NewArticle& article,
                     std::vector<Warning>& warnings) {
    const auto& metadata = article.metadata;
    Extra extra(item.content, &warnings);
    extra.add("authors", other_authors(item, user_of, metadata.authors));
    extra.add("corrections", corrections_of(item));
    extra.add("related", {item.related.begin(), item.related.end()});
    bool has_address = item.canonical_url.empty() || !metadata.canonical_url.empty();
    if (!has_address) extra.add("canonical_url", Value(item.canonical_url));
    if (!article.expires_at) extra.add("expires_at", item.expires_at);
    extra.add("was_published_at", item.was_published_at);
    return extra.text();
}

news::ContentFormat format_of(const Content& content) {
    return news::parse_content_format(content.content_format).value_or(news::ContentFormat::text);
}

/// Public at that time if the article is public since then.
news::Publication publication_at(const Item& item, base::Time at) {
    bool was_public =
        item.state == State::published && item.published_at && *item.published_at <= at;
    if (!was_public) return {};
    return {news::Status::published, item.published_at};
}

std::vector<news::EarlierVersion> history_of(const Item& item, const UserOf& user_of) {
    std::vector<news::EarlierVersion> history;
    auto unknown = item.created_at ? item.created_at : item.updated_at;
    for (const auto& past : item.history) {
        news::EarlierVersion version;
        version.at = past.at.value_or(unknown.value_or(base::Time{}));
        if (!past.by.empty()) version.actor = user_of(past.by);
        const auto& content = past.content;
        version.title = content.title;
        version.description = content.description;
        version.content = content.content;
        version.author = content.author;
        version.tags = content.tags;
        version.publication = publication_at(item, version.at);
        version.extra = Extra(content, nullptr).text();
        version.content_format = format_of(content);
        version.metadata.language = language_of(content);
        history.push_back(std::move(version));
    }
    return history;
}

}  // namespace

base::Result<news::ImportItem> written(const Item& item, const UserOf& user_of,
                                       const std::vector<std::string>& embeds,
                                       std::vector<Warning>& warnings) {
    const auto& content = item.content;
    news::NewArticle article;
    article.title = content.title;
    article.description = content.description;
    article.content = content.content;
    article.author = content.author;
    article.tags = content.tags;
    article.draft = item.state == State::draft && !item.published_at;
    article.published_at = item.published_at;
    // What has expired is a draft, and may be published here.
    if (item.state == State::published) article.expires_at = item.expires_at;
    article.source_id = item.legacy_id;
    article.slug = content.slug;
    article.metadata = metadata_of(item, user_of);
    article.extra = extra_of(item, user_of, article, warnings);
    article.content_format = format_of(content);
    article.legacy_id = item.legacy_id;
    article.id = item.id;
    article.created_at = item.created_at;
    article.updated_at = item.updated_at;
    if (!item.updated_by.empty()) article.updated_by = user_of(item.updated_by);
    if (!item.owner.empty()) {
        article.owner = user_of(item.owner);
        if (!article.owner) {
            warnings.push_back({"unknown_owner", "nobody here is " + item.owner +
                                                     ", so the article belongs to nobody"});
        }
    }
    auto made = news::import_item(std::move(article), history_of(item, user_of), embeds);
    if (!made) return made;
    for (const auto& kind : made->dropped) {
        warnings.push_back({"dropped_" + kind, "the HTML has what is not taken: " + kind});
    }
    return made;
}

}  // namespace django
