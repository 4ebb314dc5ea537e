#pragma once

// What an article is after its events: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "news/article.hpp"
#include "news/events.hpp"

namespace news {

/// An event with what its place in the log adds.
struct Recorded {
    Version version = 0;
    std::optional<std::int64_t> actor{};
    base::Time at{};
    Event event;
    std::size_t bytes = 0;  ///< as it is stored
};

/// What the rules must remember of one article: everything but its content, which may be large, and
/// of which only the version is known whose event has it. Empty before the first event.
struct ArticleState {
    ArticleId id = 0;
    Version version = 0;
    std::string title;
    std::string description;
    std::string author;
    std::vector<std::string> tags;
    Version content_version = 0;
    Status status = Status::draft;
    base::Time created_at{};
    base::Time updated_at{};
    std::optional<base::Time> published_at{};
    std::optional<std::int64_t> created_by{};  ///< the actor who may act on it as its author
    std::int64_t history_bytes = 0;            ///< of all its events
    std::string slug;
    std::string extra;
    std::string legacy_id;
    ContentFormat content_format = ContentFormat::text;
    std::optional<base::Time> embargo_until{};
    std::optional<base::Time> expires_at{};
    std::vector<Correction> corrections{};
    std::string notice{};
    Metadata metadata{};

    bool operator==(const ArticleState&) const = default;
};

/// What the view stores of one article: what it shows, and who may act on it as its author.
struct ArticleRow {
    Article article;
    std::optional<std::int64_t> created_by{};
    std::optional<MovedTo> moved_to{};  ///< of a removed one

    bool operator==(const ArticleRow&) const = default;
};

/// The state, or the row, after one more event. Throws std::logic_error when the version does not
/// follow.
ArticleState apply(ArticleState state, ArticleId id, const Recorded& recorded);
ArticleRow apply(ArticleRow row, ArticleId id, const Recorded& recorded);

/// The public form. `content`: that of `state.content_version`.
Article article_of(ArticleState state, std::string content, std::string news_type);

/// What takes an article from readers, which must be possible whatever else is not.
bool takes_down(const Event& event);

/// Whether it stands in the lists that readers see: published, and under no embargo.
bool is_listed(const Article& article);

/// What was said with the event, to whom it may concern.
const std::string* note_in(const Event& event);

/// The content that an event brings; null if it leaves it as it is.
const std::string* content_in(const Event& event);
/// The same for the slug; null also for the first event of an article from before slugs.
const std::string* slug_in(const Event& event);

}  // namespace news
