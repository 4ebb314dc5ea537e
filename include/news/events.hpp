#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bus/event.hpp"
#include "news/article.hpp"

namespace news {

/// What happened to an article, for ever. The names under which they are stored stand beside them;
/// a stored event of any version must decode for as long as there are archives.

/// `article_created.v1`; publication or a schedule at creation is a member, not an event.
struct ArticleCreated {
    std::string title;
    std::string description;
    std::string content;
    std::string author;
    std::vector<std::string> tags;
    Status status = Status::draft;
    std::optional<base::Time> published_at{};
    std::optional<std::string> source_id{};  ///< its key where it was imported from
    std::string slug{};                      ///< empty in events from before slugs: see slug_of()
    std::string extra{};                     ///< a JSON object; empty: none
    std::string legacy_id{};
    ContentFormat content_format = ContentFormat::text;
    std::optional<std::int64_t> owner{};     ///< its author, if that is not who made it
    std::optional<base::Time> created_at{};  ///< if that was before this
};

/// Only the members that changed: `article_revised.v1`; `article_revised.v2` if where the article
/// stands with its readers changed with them.
struct ArticleRevised {
    std::optional<std::string> title{};
    std::optional<std::string> description{};
    std::optional<std::string> content{};
    std::optional<std::string> author{};
    std::optional<std::vector<std::string>> tags{};
    std::optional<Publication> publication{};
    std::optional<std::string> slug{};
    std::optional<std::string> extra{};
    std::optional<std::string> legacy_id{};
    std::optional<ContentFormat> content_format{};
    std::optional<std::int64_t> owner{};
};

/// `article_published.v1`; of a published article: its time is corrected.
struct ArticlePublished {
    base::Time published_at{};
};

/// `article_scheduled.v1`
struct ArticleScheduled {
    base::Time published_at{};
};

/// `article_unpublished.v1`: also ends a schedule.
struct ArticleUnpublished {};

/// `article_removed.v1`
struct ArticleRemoved {
    std::optional<MovedTo> moved_to{};  ///< it is one of another type now
};

/// `article_restored.v1`: the whole state of the earlier version, so that no reader of the log has
/// to look back; where an import has brought the article back, as its source has it now. The slug
/// stays what it is: it is an address, and no part of what is said there.
struct ArticleRestored {
    Version restored_version = 0;
    std::string title;
    std::string description;
    std::string content;
    std::string author;
    std::vector<std::string> tags;
    Status status = Status::draft;
    std::optional<base::Time> published_at{};
    std::string extra{};
    ContentFormat content_format = ContentFormat::text;
};

using Event = std::variant<ArticleCreated, ArticleRevised, ArticlePublished, ArticleScheduled,
                           ArticleUnpublished, ArticleRemoved, ArticleRestored>;

/// The stored name of an event: `article_created.v1`.
std::string_view name_of(const Event& event);

/// What an event of a news log says, for everybody who hears one. Throws std::runtime_error for a
/// name or a body that no version of this program has written: a subscriber lets that pass, so that
/// the article is parked and not misread.
Event article_event(const bus::Event& event);

/// `news_viewed.v1`, ephemeral: a known reader looked at an article. Published by the orchestrator.
struct NewsViewed {
    std::int64_t user_id = 0;
    std::string news_type;
    ArticleId id = 0;
    std::vector<std::string> tags;
    base::Time at{};
};

/// A visit as an event on its own, but for its position; and back, which throws as article_event().
bus::Event to_event(const NewsViewed& visit);
NewsViewed visit_event(const bus::Event& event);

}  // namespace news
