#include "workflow.hpp"

#include <array>

namespace news {

namespace {

constexpr auto yes = Ruling::allowed;
constexpr auto unknown = Ruling::not_found;
constexpr auto denied = Ruling::forbidden;
constexpr auto is_public = Ruling::already_published;
constexpr auto not_public = Ruling::not_published;

using Rulings = std::array<Ruling, step_count>;

/// By stage, then by party. Whoever may not know of an article is told that there is none.
constexpr std::array<std::array<Rulings, party_count>, stage_count> table = {{
    // revise, publish, schedule, unpublish, remove, restore
    {{
        // draft: other, author, editor
        {unknown, unknown, unknown, unknown, unknown, unknown},
        {yes, yes, yes, not_public, yes, yes},
        {yes, yes, yes, not_public, yes, yes},
    }},
    {{
        // scheduled
        {unknown, unknown, unknown, unknown, unknown, unknown},
        {yes, yes, yes, yes, yes, yes},
        {yes, yes, yes, yes, yes, yes},
    }},
    {{
        // published
        {denied, denied, denied, denied, denied, denied},
        {yes, is_public, is_public, yes, yes, yes},
        {yes, is_public, is_public, yes, yes, yes},
    }},
    {{
        // removed
        {unknown, unknown, unknown, unknown, unknown, unknown},
        {unknown, unknown, unknown, unknown, unknown, yes},
        {unknown, unknown, unknown, unknown, unknown, yes},
    }},
}};

}  // namespace

Stage stage_of(const Publication& publication) {
    switch (publication.status) {
        case Status::published:
            return Stage::published;
        case Status::removed:
            return Stage::removed;
        case Status::draft:
            break;
    }
    return publication.published_at ? Stage::scheduled : Stage::draft;
}

Party party_of(const base::Actor& actor, const std::optional<std::int64_t>& created_by) {
    if (actor.role >= base::Role::editor) return Party::editor;
    auto subject = actor.subject();
    bool is_author = actor.role == base::Role::author && subject && subject == created_by;
    return is_author ? Party::author : Party::other;
}

Ruling ruling_on(Stage stage, Party party, Step step) {
    return table.at(static_cast<std::size_t>(stage))
        .at(static_cast<std::size_t>(party))
        .at(static_cast<std::size_t>(step));
}

std::optional<Stage> stage_after(Step step) {
    switch (step) {
        case Step::publish:
            return Stage::published;
        case Step::schedule:
            return Stage::scheduled;
        case Step::unpublish:
            return Stage::draft;
        case Step::remove:
            return Stage::removed;
        case Step::revise:
        case Step::restore:
            break;
    }
    return std::nullopt;
}

}  // namespace news
