#include "article.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>

#include "base/text.hpp"

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

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

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

std::vector<std::string> tidy_tags(std::vector<Problem>& problems, std::vector<std::string> tags) {
    std::vector<std::string> tidy;
    std::unordered_set<std::string> seen;
    for (auto& tag : tags) {
        std::string trimmed(base::trim(tag));
        check_text(problems, "tags", trimmed, 1, tag_max);
        if (seen.insert(trimmed).second) tidy.push_back(std::move(trimmed));
    }
    if (tidy.size() > tags_max) {
        problems.push_back({"tags", "has " + std::to_string(tidy.size()) + " tags, at most " +
                                        std::to_string(tags_max) + " are allowed"});
    }
    return tidy;
}

Error invalid(std::vector<Problem> problems) {
    std::string message = "The news item breaks a rule: ";
    for (std::size_t i = 0; i < problems.size(); ++i) {
        message += (i ? "; " : "") + problems[i].field + " " + problems[i].message;
    }
    return {Reason::invalid, "invalid_news", message + ".", std::move(problems)};
}

/// Times of publication have milliseconds, as the API shows them, so that a list in order of time
/// is in order for its reader too.
base::Time to_millis(base::Time time) {
    return std::chrono::floor<std::chrono::milliseconds>(time);
}

void take(Article& article, const ArticleRevised& revised) {
    if (revised.title) article.title = *revised.title;
    if (revised.description) article.description = *revised.description;
    if (revised.content) article.content = *revised.content;
    if (revised.author) article.author = *revised.author;
    if (revised.tags) article.tags = *revised.tags;
}

/// The members that ArticleCreated and ArticleRestored share.
template <class Whole>
void take_whole(Article& article, const Whole& whole) {
    article.title = whole.title;
    article.description = whole.description;
    article.content = whole.content;
    article.author = whole.author;
    article.tags = whole.tags;
    article.status = whole.status;
    article.published_at = whole.published_at;
}

}  // namespace

std::string_view name_of(Status status) {
    switch (status) {
        case Status::draft:
            return "draft";
        case Status::published:
            return "published";
        case Status::removed:
            return "removed";
    }
    return "draft";
}

std::optional<Status> parse_status(std::string_view name) {
    for (auto status : {Status::draft, Status::published, Status::removed}) {
        if (name == name_of(status)) return status;
    }
    return std::nullopt;
}

std::string_view name_of(const Event& event) {
    static constexpr std::array<std::string_view, std::variant_size_v<Event>> names = {
        "article_created.v1",   "article_revised.v1",     "article_published.v1",
        "article_scheduled.v1", "article_unpublished.v1", "article_removed.v1",
        "article_restored.v1"};
    return names[event.index()];
}

Article apply(Article article, ArticleId id, const Recorded& recorded) {
    if (recorded.version != article.version + 1) {
        throw std::logic_error("version " + std::to_string(recorded.version) + " of article " +
                               std::to_string(id) + " does not follow version " +
                               std::to_string(article.version));
    }
    article.id = id;
    article.version = recorded.version;
    article.updated_at = recorded.at;
    std::visit(Overloaded{
                   [&](const ArticleCreated& created) {
                       take_whole(article, created);
                       article.created_at = recorded.at;
                       article.created_by = recorded.actor;
                   },
                   [&](const ArticleRevised& revised) { take(article, revised); },
                   [&](const ArticlePublished& published) {
                       article.status = Status::published;
                       article.published_at = published.published_at;
                   },
                   [&](const ArticleScheduled& scheduled) {
                       article.status = Status::draft;
                       article.published_at = scheduled.published_at;
                   },
                   [&](const ArticleUnpublished&) {
                       article.status = Status::draft;
                       article.published_at.reset();
                   },
                   [&](const ArticleRemoved&) { article.status = Status::removed; },
                   [&](const ArticleRestored& restored) { take_whole(article, restored); },
               },
               recorded.event);
    return article;
}

std::optional<Article> fold(ArticleId id, const std::vector<Recorded>& history,
                            std::optional<Version> last) {
    std::optional<Article> article;
    for (const auto& recorded : history) {
        if (last && recorded.version > *last) break;
        article = apply(article ? std::move(*article) : Article{}, id, recorded);
    }
    return article;
}

bool may_act(const base::Actor& actor, const Article& article) {
    if (actor.role >= base::Role::editor) return true;
    auto subject = actor.subject();
    return actor.role == base::Role::author && subject && subject == article.created_by;
}

Error not_found() {
    return {Reason::not_found, "news_not_found", "There is no such news item."};
}

base::Result<void> admit(const std::optional<Article>& article, const base::Actor& actor,
                         bool also_removed) {
    if (!article || (article->status == Status::removed && !also_removed)) return not_found();
    if (may_act(actor, *article)) return {};
    if (article->status != Status::published) return not_found();
    return Error{Reason::forbidden, "forbidden",
                 "Only the author of this news item, and editors, may do that."};
}

base::Result<void> check_expected(const Article& article, const std::optional<Expected>& expected) {
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

base::Result<NewArticle> check(NewArticle article) {
    std::vector<Problem> problems;
    check_text(problems, "title", article.title, 1, title_max);
    check_text(problems, "description", article.description, 0, description_max);
    check_text(problems, "content", article.content, 1, content_max);
    check_text(problems, "author", article.author, 1, author_max);
    article.tags = tidy_tags(problems, std::move(article.tags));
    if (article.source_id) check_text(problems, "source_id", *article.source_id, 1, source_id_max);
    if (!problems.empty()) return invalid(std::move(problems));
    return article;
}

base::Result<ArticleCreated> create(NewArticle article, base::Time now) {
    auto checked = check(std::move(article));
    if (!checked) return checked.error();

    ArticleCreated created{std::move(checked->title),
                           std::move(checked->description),
                           std::move(checked->content),
                           std::move(checked->author),
                           std::move(checked->tags),
                           Status::published,
                           std::nullopt,
                           std::move(checked->source_id)};
    auto at = checked->published_at;
    bool future = at && *at > now;
    if (checked->draft || future) created.status = Status::draft;
    if (future) created.published_at = to_millis(*at);
    if (created.status == Status::published) created.published_at = to_millis(at.value_or(now));
    return created;
}

base::Result<ArticleRevised> revise(const Article& article, Revision revision) {
    std::vector<Problem> problems;
    if (revision.title) check_text(problems, "title", *revision.title, 1, title_max);
    if (revision.description) {
        check_text(problems, "description", *revision.description, 0, description_max);
    }
    if (revision.content) check_text(problems, "content", *revision.content, 1, content_max);
    if (revision.author) check_text(problems, "author", *revision.author, 1, author_max);
    if (revision.tags) revision.tags = tidy_tags(problems, std::move(*revision.tags));
    if (!problems.empty()) return invalid(std::move(problems));

    ArticleRevised revised{std::move(revision.title), std::move(revision.description),
                           std::move(revision.content), std::move(revision.author),
                           std::move(revision.tags)};
    // What is sent unchanged is no change, so that the history names only what was.
    if (revised.title == article.title) revised.title.reset();
    if (revised.description == article.description) revised.description.reset();
    if (revised.content == article.content) revised.content.reset();
    if (revised.author == article.author) revised.author.reset();
    if (revised.tags == article.tags) revised.tags.reset();
    return revised;
}

base::Result<Event> publish(const Article& article, std::optional<base::Time> at, base::Time now) {
    if (article.status == Status::published) {
        return Error{Reason::conflict,
                     "already_published",
                     "This news item is published already.",
                     {},
                     article.version};
    }
    if (at && *at > now) return Event(ArticleScheduled{to_millis(*at)});
    return Event(ArticlePublished{to_millis(at.value_or(now))});
}

base::Result<ArticleUnpublished> unpublish(const Article& article) {
    if (article.status == Status::draft && !article.published_at) {
        return Error{Reason::conflict,
                     "not_published",
                     "This news item is neither published nor scheduled.",
                     {},
                     article.version};
    }
    return ArticleUnpublished{};
}

Version version_at(const std::vector<Recorded>& history, base::Time end, base::Time now) {
    auto latest = now;
    for (auto event = history.rbegin(); event != history.rend(); ++event) {
        latest = std::min(latest, event->at);
        if (latest < end) return event->version;
    }
    return 0;
}

base::Result<ArticleRestored> restore(const std::optional<Article>& earlier, base::Time now) {
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
    ArticleRestored restored{earlier->version, earlier->title,       earlier->description,
                             earlier->content, earlier->author,      earlier->tags,
                             earlier->status,  earlier->published_at};
    // A schedule that has run out is not restored: it would publish at once what was a draft.
    if (restored.status == Status::draft && restored.published_at &&
        *restored.published_at <= now) {
        restored.published_at.reset();
    }
    return restored;
}

}  // namespace news
