#pragma once

// Where an article stands with its readers, and who may change that: pure. The steps that the
// workflow knows, embargo and expiry.

#include <optional>
#include <string>
#include <vector>

#include "article_state.hpp"
#include "base/clock.hpp"
#include "base/problems.hpp"
#include "news/commands.hpp"

namespace news {

/// Where the article stands after the revision. What is sent as it is changes nothing, so that
/// whoever read an item can send it back whole.
Publication publication_after(std::vector<base::Problem>& problems, const Publication& now_is,
                              const Revision& revision, base::Time now);

/// What a new article says of its embargo and its expiry, and a revision. Of the latter what is as
/// it was is forgotten, and an embargo that has passed is none.
void check_times(std::vector<base::Problem>& problems, const NewArticle& article);
void settle_times(std::vector<base::Problem>& problems, Revision& revision,
                  const ArticleState& state, const Publication& after, base::Time now);

/// What the workflow and the clock say of a new article. Whoever may not publish one makes a draft,
/// and is refused if they said something else.
base::Result<void> admit_new(NewArticle& article, const base::Actor& actor, Workflow workflow,
                             base::Time now);

/// submit, withdraw, approve, hand_back and kill.
base::Result<Event> take_step(const ArticleState& state, Step step, std::string note,
                              Workflow workflow);
/// As revise().
base::Result<Event> correct(const ArticleState& state, const std::string& content, Remark remark,
                            base::Time now, const std::vector<std::string>& embeds = {},
                            std::vector<Dropped>* dropped = nullptr);

/// The step that an event is, besides revise and correct: nothing if it is none of them.
std::optional<Step> step_of(const ArticleState& before, const Event& event);

/// What is to happen to the article by now; nothing if nothing is.
std::optional<Event> due_event(const ArticleState& state, base::Time now);
/// When something is to happen to it next.
std::optional<base::Time> due_at(const Publication& publication,
                                 const std::optional<base::Time>& embargo_until,
                                 const std::optional<base::Time>& expires_at);

/// Whether an editor has killed it, also where it was removed after that.
bool was_killed(const ArticleState& state);

/// Where what is restored stands.
void settle_restored(ArticleRestored& restored, const ArticleState& now_is,
                     const base::Actor& actor, Workflow workflow, base::Time now);

/// An event that says where the article stands says that it is under embargo, too.
void tell_embargo(Event& event, const ArticleState& before);

/// The refusal for an article that was killed.
base::Error killed(const std::string& notice);

}  // namespace news
