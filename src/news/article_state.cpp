#include "article_state.hpp"

#include <array>
#include <stdexcept>

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
    if (revised.owner) target.created_by = revised.owner;
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
                   },
                   [&](const ArticleRevised& revised) { take(target, revised); },
                   [&](const ArticlePublished& published) {
                       members.status = Status::published;
                       members.published_at = published.published_at;
                   },
                   [&](const ArticleScheduled& scheduled) {
                       members.status = Status::draft;
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
                   },
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
    }
    return "draft";
}

std::optional<Status> parse_status(std::string_view name) {
    for (auto status : {Status::draft, Status::published, Status::removed}) {
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
        "article_created.v1",   "article_revised.v1",     "article_published.v1",
        "article_scheduled.v1", "article_unpublished.v1", "article_removed.v1",
        "article_restored.v1"};
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
    return {state.id,
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
}

bool takes_down(const Event& event) {
    return std::holds_alternative<ArticleUnpublished>(event) ||
           std::holds_alternative<ArticleRemoved>(event);
}

const std::string* content_in(const Event& event) {
    if (const auto* created = std::get_if<ArticleCreated>(&event)) return &created->content;
    if (const auto* restored = std::get_if<ArticleRestored>(&event)) return &restored->content;
    const auto* revised = std::get_if<ArticleRevised>(&event);
    return revised && revised->content ? &*revised->content : nullptr;
}

const std::string* slug_in(const Event& event) {
    const auto* created = std::get_if<ArticleCreated>(&event);
    if (created) return created->slug.empty() ? nullptr : &created->slug;
    const auto* revised = std::get_if<ArticleRevised>(&event);
    return revised && revised->slug ? &*revised->slug : nullptr;
}

}  // namespace news
