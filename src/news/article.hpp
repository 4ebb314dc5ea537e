#pragma once

// The rules of an article: pure functions, events in, events out. No clock, no database, no
// coroutine.

#include <optional>
#include <string>

#include "article_state.hpp"
#include "base/context.hpp"
#include "base/result.hpp"
#include "news/article.hpp"
#include "news/commands.hpp"
#include "news/events.hpp"

namespace news {

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
/// only if the revision has one. HTML is cleaned, with iframes of the hosts in `embeds` alone.
base::Result<Event> revise(const ArticleState& state, const std::string& content, Revision revision,
                           base::Time now, const std::vector<std::string>& embeds = {});
/// ArticlePublished or, for a time to come, ArticleScheduled.
base::Result<Event> publish(const ArticleState& state, std::optional<base::Time> at,
                            base::Time now);
base::Result<ArticleUnpublished> unpublish(const ArticleState& state);
/// `earlier`: the article at the version to restore, with its content.
base::Result<ArticleRestored> restore(const std::optional<ArticleState>& earlier,
                                      std::string content, base::Time now);

/// Where a new article stands.
Publication publication_of(const NewArticle& article, base::Time now);
/// Whether it changes more than where the article stands.
bool changes_members(const ArticleRevised& revised);
/// The event that says by itself where the article stands.
Event publication_event(const Publication& publication);

/// What is sent as it is changes nothing.
template <class T>
void forget_if_same(std::optional<T>& wanted, const T& now_is) {
    if (wanted == now_is) wanted.reset();
}

// What imports make of articles: their lengths are not looked at any more.

/// An item as the newest version of itself. `state`: the article as it is here, if it is.
EarlierVersion present_version(const NewArticle& article, const ArticleState* state,
                               base::Time now);
/// What makes an article of that version; nothing set: it is like that.
ArticleRevised difference(const ArticleState& state, const std::string& content,
                          const EarlierVersion& version);
/// What the item says beside that.
void add_names(ArticleRevised& revised, const ArticleState& state, const NewArticle& article);
/// The one event for it; nothing if nothing changes.
std::optional<Event> event_of(ArticleRevised revised);

/// The refusal for an article that does not exist, or that the caller may not know of.
base::Error not_found();

}  // namespace news
