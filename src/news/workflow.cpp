#include "news/workflow.hpp"

#include <algorithm>
#include <array>

namespace news {

namespace {

/// Also as the view's tables have them.
constexpr std::array<std::string_view, stage_count> stage_names = {
    "draft", "in_review", "approved", "scheduled", "published", "removed", "killed"};

constexpr auto yes = Ruling::allowed;
constexpr auto unknown = Ruling::not_found;
constexpr auto denied = Ruling::forbidden;
constexpr auto is_out = Ruling::already_published;
constexpr auto not_out = Ruling::not_published;
constexpr auto no_review = Ruling::no_review;
constexpr auto no_draft = Ruling::not_a_draft;
constexpr auto no_wait = Ruling::not_in_review;
constexpr auto killed = Ruling::killed;

using Rulings = std::array<Ruling, step_count>;
using Parties = std::array<Rulings, party_count>;
using Table = std::array<Parties, stage_count>;

constexpr Rulings all(Ruling ruling) {
    Rulings same{};
    for (auto& one : same) one = ruling;
    return same;
}

// By stage, then by party: other, author, editor. Whoever may not know of an article is told that
// there is none. Where both its author and an editor meet a conflict, it is the same one.

// clang-format off
constexpr Parties removed_article{{
    // revise, publish, schedule, unpublish, remove, restore, submit, withdraw, approve, return, correct, kill
    all(unknown),
    {unknown, unknown, unknown, unknown, unknown, yes, unknown, unknown, unknown, unknown, unknown, unknown},
    {unknown, unknown, unknown, unknown, unknown, yes, unknown, unknown, unknown, unknown, unknown, unknown},
}};
constexpr Parties killed_article{{
    all(denied),
    all(denied),
    {killed, killed, killed, killed, yes, yes, killed, killed, killed, killed, killed, killed},
}};
constexpr Rulings direct_draft{
    yes, yes, yes, not_out, yes, yes, no_review, no_review, no_review, no_review, not_out, denied};

constexpr Table direct{{
    {{   // draft
        // revise, publish, schedule, unpublish, remove, restore, submit, withdraw, approve, return, correct, kill
        all(unknown),
        direct_draft,
        {yes, yes, yes, not_out, yes, yes, no_review, no_review, no_review, no_review, not_out, not_out},
    }},
    {{   // in_review: the type was one with review before
        all(unknown),
        direct_draft,
        {yes, yes, yes, not_out, yes, yes, no_review, no_review, no_review, no_review, not_out, not_out},
    }},
    {{   // approved, likewise
        all(unknown),
        direct_draft,
        {yes, yes, yes, not_out, yes, yes, no_review, no_review, no_review, no_review, not_out, not_out},
    }},
    {{   // scheduled
        all(unknown),
        {yes, yes, yes, yes, yes, yes, no_review, no_review, no_review, no_review, not_out, denied},
        {yes, yes, yes, yes, yes, yes, no_review, no_review, no_review, no_review, not_out, not_out},
    }},
    {{   // published
        all(denied),
        {yes, is_out, is_out, yes, yes, yes, no_review, no_review, no_review, no_review, yes, denied},
        {yes, is_out, is_out, yes, yes, yes, no_review, no_review, no_review, no_review, yes, yes},
    }},
    removed_article,
    killed_article,
}};

constexpr Table review{{
    {{   // draft
        // revise, publish, schedule, unpublish, remove, restore, submit, withdraw, approve, return, correct, kill
        all(unknown),
        {yes, denied, denied, not_out, yes, yes, yes, no_wait, denied, denied, not_out, denied},
        {yes, yes, yes, not_out, yes, yes, yes, no_wait, no_wait, no_wait, not_out, not_out},
    }},
    {{   // in_review
        all(unknown),
        {yes, denied, denied, not_out, yes, yes, no_draft, yes, denied, denied, not_out, denied},
        {yes, yes, yes, not_out, yes, yes, no_draft, yes, yes, yes, not_out, not_out},
    }},
    {{   // approved
        all(unknown),
        all(denied),
        {yes, yes, yes, not_out, yes, yes, no_draft, no_wait, no_wait, yes, not_out, not_out},
    }},
    {{   // scheduled
        all(unknown),
        all(denied),
        {yes, yes, yes, yes, yes, yes, no_draft, no_wait, no_wait, no_wait, not_out, not_out},
    }},
    {{   // published
        all(denied),
        all(denied),
        {yes, is_out, is_out, yes, yes, yes, no_draft, no_wait, no_wait, no_wait, yes, yes},
    }},
    removed_article,
    killed_article,
}};
// clang-format on

const Table& table_of(Workflow workflow) {
    return workflow == Workflow::review ? review : direct;
}

}  // namespace

std::string_view name_of(Workflow workflow) {
    return workflow == Workflow::review ? "review" : "direct";
}

std::optional<Workflow> parse_workflow(std::string_view name) {
    for (auto workflow : {Workflow::direct, Workflow::review}) {
        if (name == name_of(workflow)) return workflow;
    }
    return std::nullopt;
}

std::string_view name_of(Stage stage) {
    return stage_names[static_cast<std::size_t>(stage)];
}

std::optional<Stage> parse_stage(std::string_view name) {
    auto found = std::find(stage_names.begin(), stage_names.end(), name);
    if (found == stage_names.end()) return std::nullopt;
    return static_cast<Stage>(found - stage_names.begin());
}

Stage stage_of(const Publication& publication) {
    switch (publication.status) {
        case Status::published:
            return Stage::published;
        case Status::removed:
            return Stage::removed;
        case Status::killed:
            return Stage::killed;
        case Status::in_review:
            return Stage::in_review;
        case Status::approved:
        case Status::draft:
            break;
    }
    if (publication.published_at) return Stage::scheduled;
    return publication.status == Status::approved ? Stage::approved : Stage::draft;
}

Party party_of(const base::Actor& actor, const std::optional<std::int64_t>& created_by) {
    if (actor.role >= base::Role::editor) return Party::editor;
    auto subject = actor.subject();
    bool is_author = actor.role == base::Role::author && subject && subject == created_by;
    return is_author ? Party::author : Party::other;
}

Ruling ruling_on(Workflow workflow, Stage stage, Party party, Step step) {
    return table_of(workflow)
        .at(static_cast<std::size_t>(stage))
        .at(static_cast<std::size_t>(party))
        .at(static_cast<std::size_t>(step));
}

std::optional<Stage> stage_after(Workflow workflow, Stage stage, Party party, Step step) {
    switch (step) {
        case Step::publish:
            return Stage::published;
        case Step::schedule:
            return Stage::scheduled;
        case Step::unpublish:
        case Step::withdraw:
        case Step::hand_back:
            return Stage::draft;
        case Step::remove:
            return Stage::removed;
        case Step::submit:
            return Stage::in_review;
        case Step::approve:
            return Stage::approved;
        case Step::kill:
            return Stage::killed;
        case Step::restore: {
            // Neither is what was taken from readers theirs again by that, nor does it go round
            // those who review it.
            bool is_drafted =
                stage == Stage::killed || (workflow == Workflow::review && party == Party::author);
            return is_drafted ? std::optional(Stage::draft) : std::nullopt;
        }
        case Step::revise:
        case Step::correct:
            break;
    }
    return std::nullopt;
}

}  // namespace news
