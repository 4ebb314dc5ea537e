#pragma once

// Who may do what with an article, and where that leads: one table of states, parties and steps.
// Pure. docs/workflow.md shows it as it stands here.

#include <cstdint>
#include <optional>

#include "base/context.hpp"
#include "news/article.hpp"

namespace news {

/// Where an article is on its way. A draft that has a time is scheduled.
enum class Stage { draft, scheduled, published, removed };
inline constexpr std::size_t stage_count = 4;

/// What is done with it by a command; each is one event.
enum class Step { revise, publish, schedule, unpublish, remove, restore };
inline constexpr std::size_t step_count = 6;

/// Who acts: its author, an editor (an admin is one, too), or anybody else.
enum class Party { other, author, editor };
inline constexpr std::size_t party_count = 3;

/// What comes of a step. A refusal bears the code of its name; not_found is `news_not_found`.
enum class Ruling { allowed, not_found, forbidden, already_published, not_published };

Stage stage_of(const Publication& publication);

/// `created_by`: its author. An article by nobody has none.
Party party_of(const base::Actor& actor, const std::optional<std::int64_t>& created_by);

/// One cell of the table.
Ruling ruling_on(Stage stage, Party party, Step step);

/// Where the article stands after an allowed step. Nothing: where it stood, for a revision that
/// does not say otherwise; where it stood at that version, for what is restored.
std::optional<Stage> stage_after(Step step);

}  // namespace news
