#include "event_json.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/json_writer.hpp"
#include "base/stored_json.hpp"
#include "config/strict_json.hpp"
#include "metadata_json.hpp"

namespace news {

namespace {

using Json = nlohmann::ordered_json;

/// Each takes some bytes of text and up to a hundred in memory.
constexpr std::size_t extra_values_max = 250000;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void write_extra(base::JsonWriter& json, const std::string& extra) {
    json.name("extra").json(extra.empty() ? "{}" : extra);
}

/// What is empty where there is none is left out.
void write_if_given(base::JsonWriter& json, const char* member, const std::string& text) {
    if (!text.empty()) json.member(member, text);
}

template <class Whole>
void write_whole(base::JsonWriter& json, const Whole& whole) {
    json.member("title", whole.title)
        .member("description", whole.description)
        .member("content", whole.content)
        .member("author", whole.author)
        .member("tags", whole.tags)
        .member("status", name_of(whole.status));
    if (whole.published_at) json.member("published_at", base::to_rfc3339(*whole.published_at));
    if (!whole.extra.empty()) write_extra(json, whole.extra);
    if (whole.content_format != ContentFormat::text) {
        json.member("content_format", name_of(whole.content_format));
    }
    write_metadata(json, whole.metadata);
}

template <class T>
void write_if_there(base::JsonWriter& json, const char* member, const std::optional<T>& value) {
    if (value) json.member(member, *value);
}

void write_time_if_there(base::JsonWriter& json, const char* member,
                         const std::optional<base::Time>& time) {
    if (time) json.member(member, base::to_rfc3339(*time));
}

/// null: it is none from now on.
void write_change_if_there(base::JsonWriter& json, const char* member,
                           const std::optional<std::optional<base::Time>>& change) {
    if (!change) return;
    if (*change) {
        json.member(member, base::to_rfc3339(**change));
    } else {
        json.name(member).value(nullptr);
    }
}

void write_publication(base::JsonWriter& json, const Publication& publication) {
    json.member("status", name_of(publication.status));
    if (publication.published_at) {
        json.member("published_at", base::to_rfc3339(*publication.published_at));
    }
}

base::Time time_in(const Json& value) {
    auto time = base::parse_rfc3339(value.get_ref<const std::string&>());
    if (!time) throw std::runtime_error("a stored event has a time that is none");
    return *time;
}

void get_time_if_there(const Json& body, const char* member, std::optional<base::Time>& time) {
    if (body.contains(member)) time = time_in(body.at(member));
}

void get_change_if_there(const Json& body, const char* member,
                         std::optional<std::optional<base::Time>>& change) {
    if (!body.contains(member)) return;
    const auto& value = body.at(member);
    change.emplace();
    if (!value.is_null()) *change = time_in(value);
}

Publication publication_in(const Json& body) {
    Publication publication;
    auto status = parse_status(body.at("status").get_ref<const std::string&>());
    if (!status) throw std::runtime_error("a stored event has a status that is none");
    publication.status = *status;
    if (body.contains("published_at")) publication.published_at = time_in(body.at("published_at"));
    return publication;
}

ContentFormat format_in(const Json& value) {
    auto format = parse_content_format(value.get_ref<const std::string&>());
    if (!format) throw std::runtime_error("a stored event has a content_format that is none");
    return *format;
}

std::string extra_in(const Json& value) {
    if (!value.is_object()) throw std::runtime_error("a stored event has an extra that is none");
    return value.empty() ? "" : value.dump();
}

template <class Whole>
void get_whole(const Json& body, Whole& whole) {
    body.at("title").get_to(whole.title);
    body.at("description").get_to(whole.description);
    body.at("content").get_to(whole.content);
    body.at("author").get_to(whole.author);
    body.at("tags").get_to(whole.tags);
    auto publication = publication_in(body);
    whole.status = publication.status;
    whole.published_at = publication.published_at;
    if (body.contains("extra")) whole.extra = extra_in(body.at("extra"));
    if (body.contains("content_format")) {
        whole.content_format = format_in(body.at("content_format"));
    }
    whole.metadata = metadata_in(body);
}

template <class T>
void get_if_there(const Json& body, const char* member, std::optional<T>& value) {
    if (body.contains(member)) value = body.at(member).get<T>();
}

Version version_in(const Json& value) {
    auto most = static_cast<std::uint64_t>(std::numeric_limits<Version>::max());
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
        throw std::runtime_error("a stored event has a version that is none");
    }
    return value.get<Version>();
}

ArticleRevised revised_from(const Json& body) {
    ArticleRevised revised;
    get_if_there(body, "title", revised.title);
    get_if_there(body, "description", revised.description);
    get_if_there(body, "content", revised.content);
    get_if_there(body, "author", revised.author);
    get_if_there(body, "tags", revised.tags);
    get_if_there(body, "slug", revised.slug);
    if (body.contains("extra")) revised.extra = extra_in(body.at("extra"));
    get_if_there(body, "legacy_id", revised.legacy_id);
    if (body.contains("content_format")) {
        revised.content_format = format_in(body.at("content_format"));
    }
    get_if_there(body, "owner", revised.owner);
    get_change_if_there(body, "embargo_until", revised.embargo_until);
    get_change_if_there(body, "expires_at", revised.expires_at);
    revised.metadata = metadata_changes_in(body);
    return revised;
}

ArticleCreated created_from(const Json& body) {
    ArticleCreated created;
    get_whole(body, created);
    get_if_there(body, "source_id", created.source_id);
    if (body.contains("slug")) body.at("slug").get_to(created.slug);
    if (body.contains("legacy_id")) body.at("legacy_id").get_to(created.legacy_id);
    get_if_there(body, "owner", created.owner);
    if (body.contains("created_at")) {
        created.created_at = base::from_micros(body.at("created_at").get<std::int64_t>());
    }
    get_time_if_there(body, "embargo_until", created.embargo_until);
    get_time_if_there(body, "expires_at", created.expires_at);
    return created;
}

ArticleRemoved removed_from(const Json& body) {
    ArticleRemoved removed;
    if (!body.contains("moved_to")) return removed;
    const auto& to = body.at("moved_to");
    removed.moved_to = MovedTo{to.at("news_type").get<std::string>(), to.at("id").get<ArticleId>()};
    return removed;
}

ArticlePublished published_from(const Json& body) {
    ArticlePublished published{time_in(body.at("published_at"))};
    get_time_if_there(body, "embargo_until", published.embargo_until);
    return published;
}

std::string note_in(const Json& body) {
    return body.contains("note") ? body.at("note").get<std::string>() : std::string();
}

ArticleCorrected corrected_from(const Json& body) {
    ArticleCorrected corrected{body.at("note").get<std::string>(), revised_from(body)};
    bool is_more = corrected.changed.embargo_until || corrected.changed.expires_at;
    if (is_more) throw std::runtime_error("a stored correction changes more than it may");
    return corrected;
}

Event event_from(std::string_view type, const Json& body) {
    if (!body.is_object()) throw std::runtime_error("a stored event is no JSON object");
    if (type == "article_created.v1") return created_from(body);
    if (type == "article_revised.v1") return revised_from(body);
    if (type == "article_revised.v2") {
        auto revised = revised_from(body);
        revised.publication = publication_in(body);
        return revised;
    }
    if (type == "article_published.v1") return published_from(body);
    if (type == "article_scheduled.v1") return ArticleScheduled{time_in(body.at("published_at"))};
    if (type == "article_unpublished.v1") return ArticleUnpublished{};
    if (type == "article_removed.v1") return removed_from(body);
    if (type == "article_restored.v1") {
        ArticleRestored restored;
        restored.restored_version = version_in(body.at("restored_version"));
        get_whole(body, restored);
        get_time_if_there(body, "embargo_until", restored.embargo_until);
        return restored;
    }
    if (type == "article_submitted.v1") return ArticleSubmitted{note_in(body)};
    if (type == "article_withdrawn.v1") return ArticleWithdrawn{note_in(body)};
    if (type == "article_returned.v1") return ArticleReturned{note_in(body)};
    if (type == "article_approved.v1") return ArticleApproved{note_in(body)};
    if (type == "article_corrected.v1") return corrected_from(body);
    if (type == "article_killed.v1") {
        return ArticleKilled{body.at("notice").get<std::string>()};
    }
    if (type == "article_embargo_ended.v1") return ArticleEmbargoEnded{publication_in(body)};
    throw std::runtime_error("an event of the unknown type " + std::string(type));
}

void write_members(base::JsonWriter& json, const ArticleRevised& revised) {
    write_if_there(json, "title", revised.title);
    write_if_there(json, "description", revised.description);
    write_if_there(json, "content", revised.content);
    write_if_there(json, "author", revised.author);
    write_if_there(json, "tags", revised.tags);
    write_if_there(json, "slug", revised.slug);
    if (revised.extra) write_extra(json, *revised.extra);
    write_if_there(json, "legacy_id", revised.legacy_id);
    if (revised.content_format) {
        json.member("content_format", name_of(*revised.content_format));
    }
    write_if_there(json, "owner", revised.owner);
    write_change_if_there(json, "embargo_until", revised.embargo_until);
    write_change_if_there(json, "expires_at", revised.expires_at);
    write_metadata(json, revised.metadata);
}

}  // namespace

std::string to_json(const Event& event) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{');
    std::visit(
        Overloaded{
            [&](const ArticleCreated& created) {
                write_whole(json, created);
                write_if_there(json, "source_id", created.source_id);
                write_if_given(json, "slug", created.slug);
                write_if_given(json, "legacy_id", created.legacy_id);
                write_if_there(json, "owner", created.owner);
                if (created.created_at) {
                    json.member("created_at", base::to_micros(*created.created_at));
                }
                write_time_if_there(json, "embargo_until", created.embargo_until);
                write_time_if_there(json, "expires_at", created.expires_at);
            },
            [&](const ArticleRevised& revised) {
                write_members(json, revised);
                if (revised.publication) write_publication(json, *revised.publication);
            },
            [&](const ArticlePublished& published) {
                json.member("published_at", base::to_rfc3339(published.published_at));
                write_time_if_there(json, "embargo_until", published.embargo_until);
            },
            [&](const ArticleScheduled& scheduled) {
                json.member("published_at", base::to_rfc3339(scheduled.published_at));
            },
            [&](const ArticleUnpublished&) {},
            [&](const ArticleRemoved& removed) {
                if (!removed.moved_to) return;
                json.name("moved_to")
                    .open('{')
                    .member("news_type", removed.moved_to->news_type)
                    .member("id", removed.moved_to->id)
                    .close('}');
            },
            [&](const ArticleRestored& restored) {
                json.member("restored_version", restored.restored_version);
                write_whole(json, restored);
                write_time_if_there(json, "embargo_until", restored.embargo_until);
            },
            [&](const ArticleCorrected& corrected) {
                json.member("note", corrected.note);
                write_members(json, corrected.changed);
            },
            [&](const ArticleKilled& killed) { json.member("notice", killed.notice); },
            [&](const ArticleEmbargoEnded& ended) { write_publication(json, ended.publication); },
            [&](const auto& step) { write_if_given(json, "note", step.note); },
        },
        event);
    json.close('}');
    return body;
}

Event event_from_json(std::string_view type, std::string_view text) {
    try {
        return event_from(type, base::read_stored_json(text));
    } catch (const Json::exception& failure) {
        throw std::runtime_error("a stored event cannot be read: " + std::string(failure.what()));
    }
}

Event article_event(const bus::Event& event) {
    return event_from_json(event.type, event.body);
}

Recorded recorded_of(const bus::Event& event) {
    return {event.version, event.actor, event.recorded_at, article_event(event), event.body.size()};
}

std::optional<std::string> extra_as_stored(std::string_view text) {
    config::JsonLimits limits;
    limits.bytes = version_bytes_max;
    limits.values = extra_values_max;
    auto object = config::parse_strict_json(text, limits);
    if (!object || !object->is_object()) return std::nullopt;
    return object->empty() ? "" : object->dump();
}

std::string tags_to_json(const std::vector<std::string>& tags) {
    std::string text;
    base::JsonWriter(text).value(tags);
    return text;
}

std::vector<std::string> tags_from_json(std::string_view text) {
    return Json::parse(text).get<std::vector<std::string>>();
}

std::string corrections_to_json(const std::vector<Correction>& corrections) {
    std::string text;
    if (corrections.empty()) return text;
    base::JsonWriter json(text);
    json.open('[');
    for (const auto& [note, at] : corrections) {
        json.open('{').member("note", note).member("at", base::to_micros(at)).close('}');
    }
    json.close(']');
    return text;
}

std::vector<Correction> corrections_from_json(std::string_view text) {
    std::vector<Correction> corrections;
    if (text.empty()) return corrections;
    for (const auto& one : Json::parse(text)) {
        corrections.push_back({one.at("note").get<std::string>(),
                               base::from_micros(one.at("at").get<std::int64_t>())});
    }
    return corrections;
}

}  // namespace news
