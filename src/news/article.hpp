#pragma once

// The rules of an article: pure functions, events in, events out. No clock, no database, no
// coroutine.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "article_state.hpp"
#include "base/context.hpp"
#include "base/result.hpp"
#include "metadata.hpp"
#include "news/article.hpp"
#include "news/commands.hpp"
#include "news/events.hpp"
#include "news/importer.hpp"
#include "news/workflow.hpp"

namespace news {

/// Whether the actor may act on what `created_by` made: its author, and every editor.
bool may_act(const base::Actor& actor, const std::optional<std::int64_t>& created_by);

/// Refused unless the article exists and the workflow has that step for this actor. Whether the
/// article stands so that the step makes sense, the step's own rule says.
base::Result<void> admit(const std::optional<ArticleState>& state, const base::Actor& actor,
                         Step step = Step::revise, Workflow workflow = Workflow::direct);

/// Refused if the article's version is not one that the command is based on.
base::Result<void> check_expected(const ArticleState& state,
                                  const std::optional<Expected>& expected);

ArticleCreated create(const CheckedArticle& article, base::Time now);
/// The one event that makes the article what the revision says. `content`: the present one, needed
/// only if the revision has one; what is written is as settle_content() makes it, and `dropped`
/// what it lost by that.
base::Result<Event> revise(const ArticleState& state, const std::string& content, Revision revision,
                           base::Time now, const std::vector<std::string>& embeds = {},
                           std::vector<Dropped>* dropped = nullptr);
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

/// The refusal with all that is wrong with an article.
base::Error invalid_news(std::vector<base::Problem> problems);

/// Times of publication have milliseconds, as the API shows them, so that a list in order of time
/// is in order for its reader too.
base::Time to_millis(base::Time time);

// What imports make of articles: their lengths are not looked at any more.

/// What a version may take as JSON: it becomes one event, which is one row of a store, and that has
/// 16 MiB at most.
inline constexpr std::size_t version_bytes_max = 15 * 1024 * 1024;
/// What a text takes there.
std::size_t bytes_in_json(std::string_view text);
/// What an article, or a version of one, takes there, by what each of its texts does.
template <class Whole, class Bytes>
std::size_t bytes_of_version(const Whole& whole, const Bytes& bytes_of_text) {
    constexpr std::size_t names_and_times = 300;
    auto bytes = names_and_times + whole.extra.size();
    for (const auto* text : {&whole.title, &whole.description, &whole.content, &whole.author}) {
        bytes += bytes_of_text(*text);
    }
    for (const auto& tag : whole.tags) bytes += bytes_of_text(tag) + 1;
    bytes += bytes_of(whole.metadata, bytes_of_text);
    return bytes;
}
template <class Whole>
std::size_t bytes_of_version(const Whole& whole) {
    return bytes_of_version(whole, bytes_in_json);
}
/// At most, without a look at its texts: no character takes more there than `\u0000`.
template <class Whole>
std::size_t most_bytes_of_version(const Whole& whole) {
    return bytes_of_version(whole, [](std::string_view text) { return 2 + 6 * text.size(); });
}
/// Whether it is not too much for one event.
template <class Whole>
bool fits_event(const Whole& whole) {
    return most_bytes_of_version(whole) <= version_bytes_max ||
           bytes_of_version(whole) <= version_bytes_max;
}

/// More than enough to see what is wrong with a history.
inline constexpr std::size_t history_problems_max = 20;
/// Looks at a history, until there are so many problems. Its `extra` is as it is stored; its tags
/// are made tidy. What it says is past and stays, however long or empty.
void check_history(std::vector<base::Problem>& problems, std::vector<EarlierVersion>& history);
/// A member of one of its versions, as problems name it: `history[7].title`.
std::string history_field(std::size_t version, std::string_view member);

/// Whether readers see it, or will at a time that is set.
bool is_or_will_be_public(const ArticleState& state);

/// The versions of an item, oldest first, with times that rise; `state`: its article, if it is
/// here. One whose newest version readers do not see never was public here: a view that comes to an
/// earlier one first would show it for a moment. And none of the past is scheduled, or it would be
/// published now.
std::vector<EarlierVersion> versions_of(const ImportItem& item, const ArticleState* state,
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
