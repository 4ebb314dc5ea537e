#pragma once

// Who may do what with an article, and where that leads: one table of states, parties and steps for
// each way in which a news type is edited. Pure. docs/workflow.md shows it as it stands here.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/context.hpp"
#include "news/article.hpp"

namespace news {

/// How a news type is edited: authors publish what is theirs, or editors publish what authors
/// submit.
enum class Workflow { direct, review };
inline constexpr std::size_t workflow_count = 2;

std::string_view name_of(Workflow workflow);
std::optional<Workflow> parse_workflow(std::string_view name);

/// Where an article is on its way. A draft, or an approved one, that has a time is scheduled; what
/// was unpublished is a draft again.
enum class Stage { draft, in_review, approved, scheduled, published, removed, killed };
inline constexpr std::size_t stage_count = 7;

std::string_view name_of(Stage stage);
std::optional<Stage> parse_stage(std::string_view name);

/// What is done with it by a command; each is one event.
enum class Step {
    revise,
    publish,
    schedule,
    unpublish,
    remove,
    restore,
    submit,
    withdraw,
    approve,
    hand_back,  ///< `return` in the API
    correct,
    kill
};
inline constexpr std::size_t step_count = 12;

/// Who acts: its author, an editor (an admin is one, too), or anybody else.
enum class Party { other, author, editor };
inline constexpr std::size_t party_count = 3;

/// What comes of a step. A refusal bears the code of its name, but for not_found, which is
/// `news_not_found`.
enum class Ruling {
    allowed,
    not_found,
    forbidden,
    already_published,
    not_published,
    no_review,
    not_a_draft,
    not_in_review,
    killed
};

Stage stage_of(const Publication& publication);

/// `created_by`: its author. An article by nobody has none.
Party party_of(const base::Actor& actor, const std::optional<std::int64_t>& created_by);

/// One cell of the table.
Ruling ruling_on(Workflow workflow, Stage stage, Party party, Step step);

/// Where the article stands after an allowed step. Nothing: where it stood; where it stood at that
/// version, for what is restored.
std::optional<Stage> stage_after(Workflow workflow, Stage stage, Party party, Step step);

}  // namespace news
