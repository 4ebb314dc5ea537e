#include "article_state.hpp"

#include <array>
#include <stdexcept>

#include "metadata.hpp"
#include "slug.hpp"

namespace news {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

/// A row has the content itself.
void take_content(ArticleRow& row, const std::string& content) {
    row.article.content = content;
}
/// A state only knows where it is.
void take_content(ArticleState& state, const std::string&) {
    state.content_version = state.version;
}

void take_move(ArticleRow& row, const std::optional<MovedTo>& moved_to) {
    row.moved_to = moved_to;
}
/// The rules need not know where it went.
void take_move(ArticleState&, const std::optional<MovedTo>&) {}

Article& members_of(ArticleRow& row) {
    return row.article;
}
ArticleState& members_of(ArticleState& state) {
    return state;
}

template <class Target>
void take(Target& target, const ArticleRevised& revised) {
    auto& members = members_of(target);
    if (revised.title) members.title = *revised.title;
    if (revised.description) members.description = *revised.description;
    if (revised.content) take_content(target, *revised.content);
    if (revised.author) members.author = *revised.author;
    if (revised.tags) members.tags = *revised.tags;
    if (revised.slug) members.slug = *revised.slug;
    if (revised.extra) members.extra = *revised.extra;
    if (revised.legacy_id) members.legacy_id = *revised.legacy_id;
    if (revised.content_format) members.content_format = *revised.content_format;
    apply(members.metadata, revised.metadata);
    if (revised.owner) target.created_by = revised.owner;
    if (revised.embargo_until) members.embargo_until = *revised.embargo_until;
    if (revised.expires_at) members.expires_at = *revised.expires_at;
    if (revised.publication) {
        members.status = revised.publication->status;
        members.published_at = revised.publication->published_at;
    }
}

/// The members that ArticleCreated and ArticleRestored share.
template <class Target, class Whole>
void take_whole(Target& target, const Whole& whole) {
    auto& members = members_of(target);
    members.title = whole.title;
    members.description = whole.description;
    take_content(target, whole.content);
    members.author = whole.author;
    members.tags = whole.tags;
    members.status = whole.status;
    members.published_at = whole.published_at;
    members.extra = whole.extra;
    members.content_format = whole.content_format;
    members.metadata = whole.metadata;
}

template <class Target>
void take_event(Target& target, ArticleId id, const Recorded& recorded) {
    auto& members = members_of(target);
    if (recorded.version != members.version + 1) {
        throw std::logic_error("version " + std::to_string(recorded.version) + " of article " +
                               std::to_string(id) + " does not follow version " +
                               std::to_string(members.version));
    }
    members.id = id;
    members.version = recorded.version;
    members.updated_at = recorded.at;
    std::visit(Overloaded{
                   [&](const ArticleCreated& created) {
                       take_whole(target, created);
                       members.created_at = created.created_at.value_or(recorded.at);
                       members.slug = created.slug;
                       if (created.slug.empty()) {
                           members.slug = slug_from_before(created.title, id);
                       }
                       members.legacy_id = created.legacy_id;
                       target.created_by = created.owner ? created.owner : recorded.actor;
                       members.embargo_until = created.embargo_until;
                       members.expires_at = created.expires_at;
                   },
                   [&](const ArticleRevised& revised) { take(target, revised); },
                   [&](const ArticlePublished& published) {
                       members.status = Status::published;
                       members.published_at = published.published_at;
                   },
                   [&](const ArticleScheduled& scheduled) {
                       bool is_reviewed = members.status == Status::in_review ||
                                          members.status == Status::approved;
                       members.status = is_reviewed ? Status::approved : Status::draft;
                       members.published_at = scheduled.published_at;
                   },
                   [&](const ArticleUnpublished&) {
                       members.status = Status::draft;
                       members.published_at.reset();
                   },
                   [&](const ArticleRemoved& removed) {
                       members.status = Status::removed;
                       take_move(target, removed.moved_to);
                   },
                   [&](const ArticleRestored& restored) {
                       take_whole(target, restored);
                       take_move(target, std::nullopt);
                       members.notice.clear();
                   },
                   [&](const ArticleSubmitted&) { members.status = Status::in_review; },
                   [&](const ArticleWithdrawn&) { members.status = Status::draft; },
                   [&](const ArticleReturned&) { members.status = Status::draft; },
                   [&](const ArticleApproved&) { members.status = Status::approved; },
                   [&](const ArticleCorrected& corrected) {
                       take(target, corrected.changed);
                       members.corrections.insert(members.corrections.begin(),
                                                  {corrected.note, recorded.at});
                   },
                   [&](const ArticleKilled& killed) {
                       members.status = Status::killed;
                       members.notice = killed.notice;
                   },
                   [&](const ArticleEmbargoEnded&) { members.embargo_until.reset(); },
               },
               recorded.event);
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
        case Status::in_review:
            return "in_review";
        case Status::approved:
            return "approved";
        case Status::killed:
            return "killed";
    }
    return "draft";
}

std::optional<Status> parse_status(std::string_view name) {
    for (auto status : {Status::draft, Status::published, Status::removed, Status::in_review,
                        Status::approved, Status::killed}) {
        if (name == name_of(status)) return status;
    }
    return std::nullopt;
}

std::string_view name_of(ContentFormat format) {
    switch (format) {
        case ContentFormat::text:
            return "text";
        case ContentFormat::html:
            return "html";
        case ContentFormat::markdown:
            return "markdown";
    }
    return "text";
}

std::optional<ContentFormat> parse_content_format(std::string_view name) {
    for (auto format : {ContentFormat::text, ContentFormat::html, ContentFormat::markdown}) {
        if (name == name_of(format)) return format;
    }
    return std::nullopt;
}

std::string_view name_of(const Event& event) {
    static constexpr std::array<std::string_view, std::variant_size_v<Event>> names = {
        "article_created.v1",   "article_revised.v1",      "article_published.v1",
        "article_scheduled.v1", "article_unpublished.v1",  "article_removed.v1",
        "article_restored.v1",  "article_submitted.v1",    "article_withdrawn.v1",
        "article_returned.v1",  "article_approved.v1",     "article_corrected.v1",
        "article_killed.v1",    "article_embargo_ended.v1"};
    const auto* revised = std::get_if<ArticleRevised>(&event);
    if (revised && revised->publication) return "article_revised.v2";
    return names[event.index()];
}

ArticleState apply(ArticleState state, ArticleId id, const Recorded& recorded) {
    take_event(state, id, recorded);
    state.history_bytes += static_cast<std::int64_t>(recorded.bytes);
    return state;
}

ArticleRow apply(ArticleRow row, ArticleId id, const Recorded& recorded) {
    take_event(row, id, recorded);
    return row;
}

Article article_of(ArticleState state, std::string content, std::string news_type) {
    Article article{state.id,
                    state.version,
                    std::move(state.title),
                    std::move(state.description),
                    std::move(content),
                    std::move(state.author),
                    std::move(state.tags),
                    std::move(news_type),
                    state.status,
                    state.created_at,
                    state.updated_at,
                    state.published_at,
                    std::move(state.slug),
                    std::move(state.extra),
                    std::move(state.legacy_id),
                    state.content_format};
    article.embargo_until = state.embargo_until;
    article.expires_at = state.expires_at;
    article.corrections = std::move(state.corrections);
    article.notice = std::move(state.notice);
    article.metadata = std::move(state.metadata);
    return article;
}

bool is_listed(const Article& article) {
    return article.status == Status::published && !article.embargo_until;
}

bool is_public(const Article& article, base::Time now) {
    return is_listed(article) && (!article.expires_at || *article.expires_at > now);
}

std::optional<bool> public_after(const Event& event) {
    auto is_shown = [](Status status, const std::optional<base::Time>& embargo_until) {
        return status == Status::published && !embargo_until;
    };
    using Known = std::optional<bool>;
    return std::visit(
        Overloaded{
            [&](const ArticleCreated& created) -> Known {
                return is_shown(created.status, created.embargo_until);
            },
            [&](const ArticleRevised& revised) -> Known {
                if (!revised.publication) return std::nullopt;
                return is_shown(revised.publication->status,
                                revised.embargo_until.value_or(std::nullopt));
            },
            [&](const ArticlePublished& published) -> Known { return !published.embargo_until; },
            [&](const ArticleRestored& restored) -> Known {
                return is_shown(restored.status, restored.embargo_until);
            },
            [&](const ArticleEmbargoEnded& ended) -> Known {
                return ended.publication.status == Status::published;
            },
            [](const ArticleCorrected&) -> Known { return std::nullopt; },
            [](const auto&) -> Known { return false; },
        },
        event);
}

const std::string* note_in(const Event& event) {
    return std::visit(Overloaded{
                          [](const ArticleSubmitted& step) { return &step.note; },
                          [](const ArticleWithdrawn& step) { return &step.note; },
                          [](const ArticleReturned& step) { return &step.note; },
                          [](const ArticleApproved& step) { return &step.note; },
                          [](const ArticleCorrected& step) { return &step.note; },
                          [](const ArticleKilled& step) { return &step.notice; },
                          [](const auto&) -> const std::string* { return nullptr; },
                      },
                      event);
}

bool takes_down(const Event& event) {
    return std::holds_alternative<ArticleUnpublished>(event) ||
           std::holds_alternative<ArticleRemoved>(event) ||
           std::holds_alternative<ArticleKilled>(event);
}

namespace {

/// The members that the event changes one by one, if it is such a one.
const ArticleRevised* revision_in(const Event& event) {
    if (const auto* corrected = std::get_if<ArticleCorrected>(&event)) return &corrected->changed;
    return std::get_if<ArticleRevised>(&event);
}

}  // namespace

const std::string* content_in(const Event& event) {
    if (const auto* created = std::get_if<ArticleCreated>(&event)) return &created->content;
    if (const auto* restored = std::get_if<ArticleRestored>(&event)) return &restored->content;
    const auto* revised = revision_in(event);
    return revised && revised->content ? &*revised->content : nullptr;
}

const std::string* slug_in(const Event& event) {
    const auto* created = std::get_if<ArticleCreated>(&event);
    if (created) return created->slug.empty() ? nullptr : &created->slug;
    const auto* revised = revision_in(event);
    return revised && revised->slug ? &*revised->slug : nullptr;
}

}  // namespace news
