#include "news/article_json.hpp"

#include <functional>

#include "base/problems.hpp"
#include "metadata.hpp"
#include "metadata_json.hpp"

namespace news {

namespace {

using base::Error;
using base::Problem;
using base::Reason;
using Json = nlohmann::json;

/// How an approved item that has a time is shown.
constexpr std::string_view scheduled_name = "scheduled";

/// Collects what is wrong with the members of one object.
class Members {
public:
    explicit Members(const Json& body) : body_(body) {}

    std::optional<std::string> text(const char* name) {
        const auto* value = find(name);
        if (!value) return std::nullopt;
        if (!value->is_string()) {
            wrong(name, "must be text");
            return std::nullopt;
        }
        return value->get<std::string>();
    }

    /// Of a member that may be ended: null is an empty text.
    std::optional<std::string> text_or_none(const char* name) {
        return is_null(name) ? std::optional<std::string>("") : text(name);
    }

    std::optional<std::vector<std::string>> texts(const char* name) {
        const auto* value = find(name);
        if (!value) return std::nullopt;
        bool all_text = value->is_array();
        for (const auto& one : *value) all_text = all_text && one.is_string();
        if (!all_text) {
            wrong(name, "must be a list of texts");
            return std::nullopt;
        }
        return value->get<std::vector<std::string>>();
    }

    std::optional<base::Time> time(const char* name) {
        const auto* value = find(name);
        if (!value || value->is_null()) return std::nullopt;
        if (!value->is_string()) {
            wrong(name, "must be a time as text");
            return std::nullopt;
        }
        auto time = base::parse_rfc3339(value->get_ref<const std::string&>());
        if (!time) broken(name, "is not an RFC 3339 time, as 2026-05-04T10:20:30Z");
        return time;
    }

    /// Draft or published: what a client may choose; of an item that is there also what it is on
    /// its way, so that it can be sent back whole.
    std::optional<Status> status(bool is_there = false) {
        auto name = text("status");
        if (!name) return std::nullopt;
        auto status = *name == scheduled_name ? Status::approved : parse_status(*name);
        if (status == Status::draft || status == Status::published) return status;
        if (is_there && (status == Status::in_review || status == Status::approved)) return status;
        broken("status", "must be draft or published");
        return std::nullopt;
    }

    /// Nothing: absent; none: null.
    std::optional<std::optional<base::Time>> change_of_time(const char* name) {
        if (!find(name)) return std::nullopt;
        return time(name);
    }

    /// An object, as text; empty where it is, and for null.
    std::optional<std::string> object(const char* name) {
        const auto* value = find(name);
        if (!value) return std::nullopt;
        if (value->is_null()) return "";
        if (!value->is_object()) {
            wrong(name, "must be an object");
            return std::nullopt;
        }
        return value->empty() ? "" : value->dump();
    }

    /// Its other name is summary.
    std::optional<std::string> description() {
        auto known = text_or_none("description");
        auto given = text_or_none("summary");
        if (!given) return known;
        bool differs = known && given != known;
        if (differs) broken("summary", "is another name of description, and the two differ");
        return given;
    }

    MetadataChanges metadata() {
        MetadataChanges changes;
        if (read_metadata(body_, changes, problems_)) wrong_type_ = true;
        return changes;
    }

    std::optional<ContentFormat> content_format() {
        auto name = text("content_format");
        if (!name) return std::nullopt;
        auto format = parse_content_format(*name);
        if (!format) broken("content_format", "must be text, html or markdown");
        return format;
    }

    /// Above zero and below 2^53.
    std::optional<std::int64_t> id(const char* name) {
        const auto* value = find(name);
        if (!value || value->is_null()) return std::nullopt;
        constexpr auto most = (std::uint64_t{1} << 53) - 1;
        bool good = value->is_number_unsigned() && value->get<std::uint64_t>() >= 1 &&
                    value->get<std::uint64_t>() <= most;
        if (!good) {
            wrong(name, "must be a whole number from 1 to 2^53 - 1");
            return std::nullopt;
        }
        return value->get<std::int64_t>();
    }

    bool is_null(const char* name) const {
        const auto* value = find(name);
        return value && value->is_null();
    }

    std::string required(const char* name) {
        if (!body_.contains(name)) {
            broken(name, "is missing");
            return {};
        }
        return text(name).value_or("");
    }

    void wrong(const char* name, const char* message) {
        wrong_type_ = true;
        problems_.push_back({name, message});
    }
    void broken(const char* name, const char* message) { problems_.push_back({name, message}); }

    /// The refusal, if there is anything to refuse.
    std::optional<Error> refusal() const {
        if (problems_.empty()) return std::nullopt;
        const char* code = wrong_type_ ? "malformed_news" : "invalid_news";
        return base::invalid_input(code, "The news item cannot be taken: ", problems_);
    }

private:
    const Json* find(const char* name) const {
        auto found = body_.find(name);
        return found == body_.end() ? nullptr : &*found;
    }

    const Json& body_;
    std::vector<Problem> problems_;
    bool wrong_type_ = false;
};

std::optional<Error> refuse_non_object(const Json& body) {
    if (body.is_object()) return std::nullopt;
    return Error{Reason::invalid, "malformed_news", "A JSON object is expected."};
}

/// What clients and imports send alike.
NewArticle article_from(Members& members) {
    NewArticle article;
    article.title = members.required("title");
    article.description = members.description().value_or("");
    article.content = members.required("content");
    article.author = members.required("author");
    article.tags = members.texts("tags").value_or(std::vector<std::string>{});
    article.published_at = members.time("published_at");
    auto status = members.status();
    article.draft = status == Status::draft;
    article.publish = status == Status::published;
    article.embargo_until = members.time("embargo_until");
    article.expires_at = members.time("expires_at");
    article.slug = members.text("slug").value_or("");
    article.extra = members.object("extra").value_or("");
    article.content_format = members.content_format().value_or(ContentFormat::text);
    apply(article.metadata, members.metadata());
    return article;
}

/// The refusal, with what a check says of the other members in the same answer.
Error with_checked(Error refused, NewArticle article,
                   const std::function<base::Result<CheckedArticle>(NewArticle)>& check_article) {
    if (refused.code != "invalid_news") return refused;
    auto checked = check_article(std::move(article));
    if (checked) return refused;
    for (auto& problem : checked.error().details) {
        bool known = false;
        for (const auto& other : refused.details) known = known || other.field == problem.field;
        if (!known) refused.details.push_back(std::move(problem));
    }
    return refused;
}

}  // namespace

base::Result<NewArticle> new_article_from_json(const Json& body) {
    if (auto refused = refuse_non_object(body)) return *refused;
    Members members(body);
    auto article = article_from(members);
    if (auto refused = members.refusal()) {
        auto check_article = [](NewArticle given) { return check(std::move(given)); };
        return with_checked(std::move(*refused), std::move(article), check_article);
    }
    return article;
}

base::Result<NewArticle> imported_article_from_json(const Json& line) {
    if (auto refused = refuse_non_object(line)) return *refused;
    auto plain = line;
    for (const char* member : {"description", "slug", "extra", "legacy_id", "content_format"}) {
        if (plain.contains(member) && plain[member].is_null()) plain.erase(member);
    }
    if (plain.contains("published_at") && plain["published_at"].is_null()) {
        plain.erase("published_at");
        if (!plain.contains("status")) plain["status"] = "draft";
    }
    Members members(plain);
    auto article = article_from(members);
    article.legacy_id = members.text("legacy_id").value_or("");
    article.owner = members.id("owner");
    article.created_at = members.time("created_at");
    article.updated_at = members.time("updated_at");
    if (auto refused = members.refusal()) {
        return with_checked(std::move(*refused), std::move(article), check_imported);
    }
    auto source_id = plain.find("source_id");
    bool has_one =
        source_id != plain.end() && (source_id->is_string() || source_id->is_number_integer());
    if (!has_one) {
        return Error{Reason::invalid, "missing_source_id",
                     "source_id is missing, or neither a text nor a whole number; without it a "
                     "second import could not know the item again."};
    }
    article.source_id = source_id->is_string() ? source_id->get<std::string>() : source_id->dump();
    return article;
}

base::Result<Revision> revision_from_json(const Json& body) {
    if (auto refused = refuse_non_object(body)) return *refused;
    Members members(body);
    Revision revision{members.text("title"), members.description(), members.text("content"),
                      members.text("author"), members.texts("tags")};
    revision.status = members.status(true);
    revision.published_at = members.time("published_at");
    revision.without_time = members.is_null("published_at");
    revision.slug = members.text("slug");
    revision.extra = members.object("extra");
    revision.content_format = members.content_format();
    revision.metadata = members.metadata();
    revision.embargo_until = members.change_of_time("embargo_until");
    revision.expires_at = members.change_of_time("expires_at");
    if (auto refused = members.refusal()) return *refused;
    return revision;
}

base::Result<std::string> note_from_json(const Json& body, const char* member) {
    if (auto refused = refuse_non_object(body)) return *refused;
    Members members(body);
    auto note = members.text(member);
    if (auto refused = members.refusal()) return *refused;
    return note.value_or("");
}

base::Result<std::optional<base::Time>> time_from_json(const Json& body, const char* member) {
    if (auto refused = refuse_non_object(body)) return *refused;
    Members members(body);
    auto time = members.time(member);
    if (auto refused = members.refusal()) return *refused;
    return time;
}

void write_json(base::JsonWriter& json, const Article& article) {
    bool is_scheduled = article.status == Status::approved && article.published_at;
    json.open('{')
        .member("id", article.id)
        .member("version", article.version)
        .member("title", article.title)
        .member("description", article.description)
        .member("content", article.content)
        .member("author", article.author)
        .member("tags", article.tags)
        .member("news_type", article.news_type)
        .member("status", is_scheduled ? scheduled_name : name_of(article.status))
        .member("created_at", base::to_rfc3339(article.created_at))
        .member("updated_at", base::to_rfc3339(article.updated_at))
        .name("published_at");
    if (article.published_at) {
        json.value(base::to_rfc3339(*article.published_at));
    } else {
        json.value(nullptr);
    }
    json.member("slug", article.slug)
        .member("content_format", name_of(article.content_format))
        .name("extra")
        .json(article.extra.empty() ? "{}" : article.extra);
    if (!article.legacy_id.empty()) json.member("legacy_id", article.legacy_id);
    write_metadata(json, article.metadata);
    if (article.embargo_until) {
        json.member("embargo_until", base::to_rfc3339(*article.embargo_until));
    }
    if (article.expires_at) json.member("expires_at", base::to_rfc3339(*article.expires_at));
    if (!article.corrections.empty()) {
        json.name("corrections").open('[');
        for (const auto& [note, at] : article.corrections) {
            json.open('{').member("note", note).member("at", base::to_rfc3339(at)).close('}');
        }
        json.close(']');
    }
    if (!article.notice.empty()) json.member("notice", article.notice);
    json.close('}');
}

}  // namespace news
