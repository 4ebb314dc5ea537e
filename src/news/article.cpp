#include "article.hpp"

#include <algorithm>
#include <unordered_set>

#include "base/problems.hpp"
#include "base/slug.hpp"
#include "base/text.hpp"
#include "base/unicode.hpp"
#include "content.hpp"
#include "metadata.hpp"
#include "publication.hpp"
#include "slug.hpp"

namespace news {

namespace {

using base::Error;
using base::Problem;
using base::Reason;

constexpr std::size_t title_max = 200;
constexpr std::size_t description_max = 500;
constexpr std::size_t content_max = 200000;
constexpr std::size_t author_max = 50;
constexpr std::size_t tags_max = 20;
constexpr std::size_t tag_max = 50;
constexpr std::size_t source_id_max = 200;
constexpr std::size_t legacy_id_max = 200;
constexpr std::size_t extra_bytes_max = 16 * 1024;
constexpr int extra_depth_max = 8;
constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

/// The lengths that an import may have where others may not.
constexpr std::size_t imported_content_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t imported_text_max = 20000;
constexpr std::size_t imported_tags_max = 1000;

struct Lengths {
    std::size_t title = title_max;
    std::size_t description = description_max;
    std::size_t content = content_max;
    std::size_t tags = tags_max;
    std::size_t tag = tag_max;
};
constexpr Lengths imported_lengths{imported_text_max, imported_text_max, imported_content_bytes_max,
                                   imported_tags_max, imported_text_max};

void check_text(std::vector<Problem>& problems, const std::string& field, std::string_view text,
                std::size_t least, std::size_t most) {
    auto length = base::count_code_points(text);
    if (!length) {
        problems.push_back({field, "is not valid UTF-8"});
    } else if (least > 0 && base::trim(text).empty()) {
        problems.push_back({field, "must not be empty"});
    } else if (*length > most) {
        problems.push_back({field, "has " + std::to_string(*length) + " characters, at most " +
                                       std::to_string(most) + " are allowed"});
    }
}

/// Like a text, and fit to be shown and asked for in one line.
void check_name(std::vector<Problem>& problems, const std::string& field, std::string_view text,
                std::size_t most) {
    auto before = problems.size();
    check_text(problems, field, text, 1, most);
    if (problems.size() > before) return;
    if (auto problem = base::problem_of_line(text)) problems.push_back({field, *problem});
}

std::vector<std::string> tidy_tags(std::vector<Problem>& problems, std::vector<std::string> tags,
                                   const Lengths& most = {}) {
    std::vector<std::string> tidy;
    std::unordered_set<std::string> seen;
    for (auto& tag : tags) {
        std::string trimmed(base::trim(tag));
        check_name(problems, "tags", trimmed, most.tag);
        if (seen.insert(trimmed).second) tidy.push_back(std::move(trimmed));
    }
    if (tidy.size() > most.tags) {
        problems.push_back({"tags", "has " + std::to_string(tidy.size()) + " tags, at most " +
                                        std::to_string(most.tags) + " are allowed"});
    }
    return tidy;
}

/// How deep brackets stand within each other, outside of texts: of JSON that was written by a
/// program.
int depth_of(std::string_view json) {
    int depth = 0;
    int deepest = 0;
    bool in_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (in_text) {
            if (c == '\\') ++i;
            if (c == '"') in_text = false;
            continue;
        }
        if (c == '"') in_text = true;
        if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
        if (c == '}' || c == ']') --depth;
    }
    return deepest;
}

void check_extra(std::vector<Problem>& problems, const std::string& extra) {
    if (extra.size() > extra_bytes_max) {
        problems.push_back({"extra", "has " + std::to_string(extra.size()) + " bytes, at most " +
                                         std::to_string(extra_bytes_max) + " are allowed"});
    } else if (depth_of(extra) > extra_depth_max) {
        problems.push_back(
            {"extra", "is nested more than " + std::to_string(extra_depth_max) + " deep"});
    }
}

void check_slug(std::vector<Problem>& problems, const std::string& slug) {
    if (auto problem = base::problem_of_slug(slug, slug_length_max)) {
        problems.push_back({"slug", *problem});
    }
}

/// What may be written in an article and is bounded by `most`.
void check_members(std::vector<Problem>& problems, NewArticle& article, const Lengths& most) {
    check_name(problems, "title", article.title, most.title);
    check_text(problems, "description", article.description, 0, most.description);
    check_text(problems, "content", article.content, 1, most.content);
    check_name(problems, "author", article.author, author_max);
    article.tags = tidy_tags(problems, std::move(article.tags), most);
    if (article.source_id) check_text(problems, "source_id", *article.source_id, 1, source_id_max);
    check_extra(problems, article.extra);
    check_metadata(problems, article.metadata);
    check_times(problems, article);
}

}  // namespace

Error invalid_news(std::vector<Problem> problems) {
    return base::invalid_input("invalid_news",
                               "The news item breaks a rule: ", std::move(problems));
}

base::Time to_millis(base::Time time) {
    return std::chrono::floor<std::chrono::milliseconds>(time);
}

bool changes_members(const ArticleRevised& revised) {
    return revised.title || revised.description || revised.content || revised.author ||
           revised.tags || revised.slug || revised.extra || revised.legacy_id ||
           revised.content_format || revised.owner || revised.embargo_until || revised.expires_at ||
           !is_empty(revised.metadata);
}

Error not_found() {
    return {Reason::not_found, "news_not_found", "There is no such news item."};
}

base::Result<void> check_expected(const ArticleState& article,
                                  const std::optional<Expected>& expected) {
    if (!expected || expected->any) return {};
    const auto& versions = expected->versions;
    if (std::find(versions.begin(), versions.end(), article.version) != versions.end()) return {};
    std::string now = "It is at version " + std::to_string(article.version) +
                      " now; read it again and repeat the change on that.";
    if (expected->from_header) {
        return Error{Reason::precondition,
                     "precondition_failed",
                     "The news item is not the one that If-Match names. " + now,
                     {},
                     article.version};
    }
    return Error{Reason::conflict,
                 "version_conflict",
                 "Somebody else has changed this news item. " + now,
                 {},
                 article.version};
}

base::Result<CheckedArticle> check(NewArticle article, const std::vector<std::string>& embeds) {
    std::vector<Problem> problems;
    auto dropped = settle_content(problems, article, embeds);
    check_members(problems, article, {});
    if (!article.slug.empty()) check_slug(problems, article.slug);
    if (!problems.empty()) return invalid_news(std::move(problems));
    return CheckedArticle(std::move(article), std::move(dropped));
}

base::Result<CheckedArticle> check_imported(NewArticle article) {
    std::vector<Problem> problems;
    check_members(problems, article, imported_lengths);
    // A count of code points is no more than one of bytes, so that is looked at by itself.
    if (article.content.size() > imported_content_bytes_max) {
        problems.push_back({"content", "has more than 4 MiB"});
    }
    if (!article.slug.empty()) check_name(problems, "slug", article.slug, imported_slug_length_max);
    if (!article.legacy_id.empty()) {
        check_name(problems, "legacy_id", article.legacy_id, legacy_id_max);
        auto colon = article.legacy_id.find(':');
        bool whole =
            colon != std::string::npos && colon > 0 && colon + 1 < article.legacy_id.size();
        if (!whole) problems.push_back({"legacy_id", "must be a model, a colon and a key"});
    }
    for (const auto& [field, id] : {std::pair("id", article.id), std::pair("owner", article.owner),
                                    std::pair("updated_by", article.updated_by)}) {
        if (id && (*id < 1 || *id > id_max)) {
            problems.push_back({field, "must be a whole number from 1 to 2^53 - 1"});
        }
    }
    if (problems.empty() && !fits_event(article)) {
        problems.push_back({"content", "has more than 15 MiB as JSON, with the other members"});
    }
    if (!problems.empty()) return invalid_news(std::move(problems));
    return CheckedArticle(std::move(article));
}

ArticleCreated create(const CheckedArticle& article, base::Time now) {
    auto publication = publication_of(*article, now);
    ArticleCreated created{
        article->title, article->description, article->content,         article->author,
        article->tags,  publication.status,   publication.published_at, article->source_id,
        article->slug,  article->extra,       article->legacy_id,       article->content_format,
        article->owner};
    created.metadata = article->metadata;
    if (article->embargo_until > now) created.embargo_until = to_millis(*article->embargo_until);
    if (article->expires_at) created.expires_at = to_millis(*article->expires_at);
    return created;
}

base::Result<Event> revise(const ArticleState& state, const std::string& content, Revision revision,
                           base::Time now, const std::vector<std::string>& embeds,
                           std::vector<Dropped>* dropped) {
    // What is sent as it is changes nothing, so that the history names only what was changed, and
    // what an import brought in that is too long need not fit.
    forget_if_same(revision.title, state.title);
    forget_if_same(revision.description, state.description);
    forget_if_same(revision.author, state.author);
    forget_if_same(revision.tags, state.tags);
    forget_if_same(revision.slug, state.slug);
    forget_if_same(revision.extra, state.extra);
    std::vector<Problem> problems;
    auto lost = settle_content(problems, revision, state.content_format, content, embeds);
    if (dropped) *dropped = std::move(lost);
    if (revision.title) check_name(problems, "title", *revision.title, title_max);
    if (revision.description) {
        check_text(problems, "description", *revision.description, 0, description_max);
    }
    if (revision.content) check_text(problems, "content", *revision.content, 1, content_max);
    if (revision.author) check_name(problems, "author", *revision.author, author_max);
    if (revision.tags) revision.tags = tidy_tags(problems, std::move(*revision.tags));
    if (revision.slug) check_slug(problems, *revision.slug);
    if (revision.extra) check_extra(problems, *revision.extra);
    settle_metadata(problems, revision.metadata, state.metadata);
    Publication before{state.status, state.published_at};
    auto after = publication_after(problems, before, revision, now);
    settle_times(problems, revision, state, after, now);
    if (!problems.empty()) return invalid_news(std::move(problems));

    ArticleRevised revised{std::move(revision.title),   std::move(revision.description),
                           std::move(revision.content), std::move(revision.author),
                           std::move(revision.tags),    std::nullopt,
                           std::move(revision.slug),    std::move(revision.extra)};
    revised.content_format = revision.content_format;
    revised.embargo_until = revision.embargo_until;
    revised.expires_at = revision.expires_at;
    revised.metadata = std::move(revision.metadata);
    // A tag may have been sent with white space around it.
    forget_if_same(revised.tags, state.tags);
    if (after == before && !revised.embargo_until) return Event(std::move(revised));
    // By itself it is what publish, schedule and unpublish are.
    bool is_step = !changes_members(revised);
    Event event = is_step ? publication_event(after) : Event(std::move(revised));
    if (!is_step) std::get<ArticleRevised>(event).publication = after;
    tell_embargo(event, state);
    return event;
}

base::Result<ArticleRestored> restore(const std::optional<ArticleState>& earlier,
                                      std::string content, base::Time now) {
    if (!earlier) {
        return Error{Reason::invalid,
                     "version_not_found",
                     "This news item has no such version.",
                     {{"version", "is not a version of this news item"}}};
    }
    if (earlier->status == Status::removed) {
        return Error{Reason::invalid,
                     "version_removed",
                     "At that version the news item was removed; name one before it.",
                     {{"version", "is one at which the item was removed"}}};
    }
    ArticleRestored restored{earlier->version,       earlier->title,        earlier->description,
                             std::move(content),     earlier->author,       earlier->tags,
                             earlier->status,        earlier->published_at, earlier->extra,
                             earlier->content_format};
    restored.metadata = earlier->metadata;
    // A schedule that has run out is not restored: it would publish at once what was a draft.
    bool is_scheduled = restored.status != Status::published && restored.published_at;
    if (is_scheduled && *restored.published_at <= now) restored.published_at.reset();
    return restored;
}

}  // namespace news
