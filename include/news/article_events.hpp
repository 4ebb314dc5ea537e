#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
    std::optional<base::Time> embargo_until{};
    std::optional<base::Time> expires_at{};
    Metadata metadata{};
};

/// Only the members that changed: `article_revised.v1`; `article_revised.v2` if where the article
/// stands with its readers changed with them. That and an embargo, while there is one, are always
/// told together.
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
    std::optional<std::optional<base::Time>> embargo_until{};  ///< none: it is ended
    std::optional<std::optional<base::Time>> expires_at{};
    MetadataChanges metadata{};
};

/// `article_published.v1`; of a published article: its time is corrected.
struct ArticlePublished {
    base::Time published_at{};
    std::optional<base::Time> embargo_until{};  ///< readers do not see it before that has ended
};

/// `article_scheduled.v1`; what was in review is approved by that.
struct ArticleScheduled {
    base::Time published_at{};
};

/// `article_unpublished.v1`: also ends a schedule. By the scheduler: it has expired.
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
    std::optional<base::Time> embargo_until{};  ///< which stays, as expires_at does
    Metadata metadata{};
};

// The notes of these are for those who work on the article, and may be empty.

/// `article_submitted.v1`
struct ArticleSubmitted {
    std::string note{};
};

/// `article_withdrawn.v1`: a draft again, by its author.
struct ArticleWithdrawn {
    std::string note{};
};

/// `article_returned.v1`: a draft again, by an editor.
struct ArticleReturned {
    std::string note{};
};

/// `article_approved.v1`
struct ArticleApproved {
    std::string note{};
};

/// `article_corrected.v1`: what readers are told, and what was changed, if anything was.
struct ArticleCorrected {
    std::string note;
    ArticleRevised changed{};  ///< says nothing of publication, embargo and expiry
};

/// `article_killed.v1`
struct ArticleKilled {
    std::string notice;  ///< for readers
};

/// `article_embargo_ended.v1`, by the scheduler: where the article stands with its readers, who may
/// see it from now on if it is published.
struct ArticleEmbargoEnded {
    Publication publication{};
};

}  // namespace news
