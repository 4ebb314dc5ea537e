#pragma once

// The rules of an article: pure functions, events in, events out. No clock, no database, no
// coroutine.

#include <optional>
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

/// The article after one more event. `article` is the state before it; empty before the first.
/// Throws std::logic_error when the version does not follow.
Article apply(Article article, ArticleId id, const Recorded& recorded);

/// The article after all events up to (and with) version `last`; nothing if there are none.
std::optional<Article> fold(ArticleId id, const std::vector<Recorded>& history,
                            std::optional<Version> last = std::nullopt);

/// The version whose event was the last to happen before `end`; 0: none had. By their order, since
/// a date may come from a clock that was wrong: nothing has happened later than what followed it,
/// or than `now`.
Version version_at(const std::vector<Recorded>& history, base::Time end, base::Time now);

/// Whether the actor may act on the article: its author, and every editor.
bool may_act(const base::Actor& actor, const Article& article);

/// Refused unless `article` exists and the actor may act on it. Removed articles do not exist,
/// but for those who restore them or read their history (`also_removed`).
base::Result<void> admit(const std::optional<Article>& article, const base::Actor& actor,
                         bool also_removed = false);

/// Refused if the article's version is not one that the command is based on.
base::Result<void> check_expected(const Article& article, const std::optional<Expected>& expected);

base::Result<ArticleCreated> create(NewArticle article, base::Time now);
base::Result<ArticleRevised> revise(const Article& article, Revision revision);
/// ArticlePublished or, for a time to come, ArticleScheduled.
base::Result<Event> publish(const Article& article, std::optional<base::Time> at, base::Time now);
base::Result<ArticleUnpublished> unpublish(const Article& article);
/// `earlier`: the article at the version to restore.
base::Result<ArticleRestored> restore(const std::optional<Article>& earlier, base::Time now);

/// The refusal for an article that does not exist, or that the caller may not know of.
base::Error not_found();

}  // namespace news
