#pragma once

// The rules of an article: pure functions, events in, events out. No clock, no database, no
// coroutine.

#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/result.hpp"
#include "news/article.hpp"
#include "news/commands.hpp"
#include "news/events.hpp"

namespace news {

/// An event with what its place in the log adds.
struct Recorded {
    Version version = 0;
    std::optional<std::int64_t> actor{};
    base::Time at{};
    Event event;
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

    bool operator==(const ArticleState&) const = default;
};

/// What the view stores of one article: what it shows, and who may act on it as its author.
struct ArticleRow {
    Article article;
    std::optional<std::int64_t> created_by{};

    bool operator==(const ArticleRow&) const = default;
};

/// The state, or the row, after one more event. Throws std::logic_error when the version does not
/// follow.
ArticleState apply(ArticleState state, ArticleId id, const Recorded& recorded);
ArticleRow apply(ArticleRow row, ArticleId id, const Recorded& recorded);

/// The public form. `content`: that of `state.content_version`.
Article article_of(ArticleState state, std::string content, std::string news_type);

/// The content that an event brings; null if it leaves it as it is.
const std::string* content_in(const Event& event);

/// Whether the actor may act on what `created_by` made: its author, and every editor.
bool may_act(const base::Actor& actor, const std::optional<std::int64_t>& created_by);

/// Refused unless the article exists and the actor may act on it. Removed articles do not exist,
/// but for those who restore them (`also_removed`).
base::Result<void> admit(const std::optional<ArticleState>& state, const base::Actor& actor,
                         bool also_removed = false);

/// Refused if the article's version is not one that the command is based on.
base::Result<void> check_expected(const ArticleState& state,
                                  const std::optional<Expected>& expected);

ArticleCreated create(const CheckedArticle& article, base::Time now);
/// The one event that makes the article what the revision says. `content`: the present one, needed
/// only if the revision has one.
base::Result<Event> revise(const ArticleState& state, const std::string& content, Revision revision,
                           base::Time now);
/// ArticlePublished or, for a time to come, ArticleScheduled.
base::Result<Event> publish(const ArticleState& state, std::optional<base::Time> at,
                            base::Time now);
base::Result<ArticleUnpublished> unpublish(const ArticleState& state);
/// `earlier`: the article at the version to restore, with its content.
base::Result<ArticleRestored> restore(const std::optional<ArticleState>& earlier,
                                      std::string content, base::Time now);

/// An event that was decided at `before` is stored as of `after`: what it publishes at once is
/// published then, not before it is there. True if that changed it.
bool date_anew(Event& event, base::Time before, base::Time after);

/// What an item that was imported before is to be like, now that its source says something else.
Revision revision_of(const CheckedArticle& article, base::Time now);

/// The refusal for an article that does not exist, or that the caller may not know of.
base::Error not_found();

}  // namespace news
