#include "workflow.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "article.hpp"
#include "support/catch.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

constexpr std::array stages = {Stage::draft, Stage::scheduled, Stage::published, Stage::removed};
constexpr std::array parties = {Party::other, Party::author, Party::editor};
constexpr std::array steps = {Step::revise,    Step::publish, Step::schedule,
                              Step::unpublish, Step::remove,  Step::restore};
constexpr std::array stage_names = {"draft", "scheduled", "published", "removed"};
constexpr std::array party_names = {"another author", "its author", "an editor"};
constexpr std::array step_names = {"revise",    "publish", "schedule",
                                   "unpublish", "remove",  "restore"};
constexpr std::array ruling_codes = {"", "news_not_found", "forbidden", "already_published",
                                     "not_published"};
static_assert(stages.size() == stage_count && parties.size() == party_count &&
              steps.size() == step_count);

const base::Time noon = *base::parse_rfc3339("2026-03-01T12:00:00Z");

template <class Name>
std::size_t index_of(Name name) {
    return static_cast<std::size_t>(name);
}

ArticleState article_at(Stage stage) {
    ArticleState state;
    state.id = 1;
    state.version = 1;
    state.title = "Title";
    state.author = "Ann";
    state.created_by = 7;
    if (stage == Stage::published) state.status = Status::published;
    if (stage == Stage::removed) state.status = Status::removed;
    if (stage != Stage::draft) state.published_at = noon + (stage == Stage::scheduled ? 1h : -1h);
    return state;
}

base::Actor actor_of(Party party) {
    if (party == Party::editor) return {9, base::Role::editor};
    return {party == Party::author ? 7 : 8, base::Role::author};
}

/// What the rules make of a step, as the commands ask them.
base::Result<Event> decide(const ArticleState& state, const base::Actor& actor, Step step) {
    auto admitted = admit(state, actor, step);
    if (!admitted) return admitted.error();
    switch (step) {
        case Step::publish:
            return publish(state, std::nullopt, noon);
        case Step::schedule:
            return publish(state, noon + 2h, noon);
        case Step::unpublish: {
            auto event = unpublish(state);
            if (!event) return event.error();
            return Event(*event);
        }
        case Step::remove:
            return Event(ArticleRemoved{});
        case Step::restore:
            return Event(*restore(article_at(Stage::draft), "Content", noon));
        case Step::revise:
            break;
    }
    Revision revision;
    revision.title = "Another title";
    return revise(state, "Content", revision, noon);
}

std::string cell(Stage stage, Party party, Step step) {
    auto ruling = ruling_on(stage, party, step);
    if (ruling != Ruling::allowed) return "`" + std::string(ruling_codes[index_of(ruling)]) + "`";
    auto then = stage_after(step);
    if (then) return stage_names[index_of(*then)];
    return step == Step::restore ? "as it was then" : stage_names[index_of(stage)];
}

std::string table_as_page() {
    std::string page = "| it is | who |";
    for (auto step : steps) page += std::string(" ") + step_names[index_of(step)] + " |";
    page += "\n|---|---|---|---|---|---|---|---|\n";
    for (auto stage : stages) {
        for (auto party : parties) {
            page += std::string("| ") + stage_names[index_of(stage)] + " | " +
                    party_names[index_of(party)] + " |";
            for (auto step : steps) page += " " + cell(stage, party, step) + " |";
            page += "\n";
        }
    }
    return page;
}

}  // namespace

TEST_CASE("the rules of an article give what the workflow's table says, cell by cell", "[news]") {
    for (auto stage : stages) {
        for (auto party : parties) {
            for (auto step : steps) {
                auto state = article_at(stage);
                auto ruling = ruling_on(stage, party, step);
                CAPTURE(stage_names[index_of(stage)], party_names[index_of(party)],
                        step_names[index_of(step)], ruling_codes[index_of(ruling)]);

                auto decided = decide(state, actor_of(party), step);

                CHECK(bool(decided) == (ruling == Ruling::allowed));
                if (!decided) {
                    CHECK(decided.error().code == ruling_codes[index_of(ruling)]);
                    continue;
                }
                auto after = apply(state, 1, {2, std::nullopt, noon, *decided});
                auto expected = step == Step::restore ? Stage::draft : stage_after(step);
                CHECK(stage_of({after.status, after.published_at}) == expected.value_or(stage));
            }
        }
    }
}

TEST_CASE("whoever is neither an author nor an editor may do nothing with an article", "[news]") {
    CHECK(party_of({7, base::Role::reader}, 7) == Party::other);
    CHECK(party_of({7, base::Role::author}, std::nullopt) == Party::other);
    CHECK(party_of({std::nullopt, base::Role::author}, std::nullopt) == Party::other);
    CHECK(party_of({1, base::Role::admin}, 7) == Party::editor);
    for (auto stage : stages) {
        for (auto step : steps) CHECK(ruling_on(stage, Party::other, step) != Ruling::allowed);
    }
}

TEST_CASE("docs/workflow.md shows the workflow's table", "[news]") {
    std::ifstream file(std::filesystem::path(PORTAL_SOURCE_DIR) / "docs" / "workflow.md");
    std::stringstream page;
    page << file.rdbuf();
    INFO("the page must have this table:\n" << table_as_page());
    CHECK(page.str().find("\n\n" + table_as_page() + "\n") != std::string::npos);
}

}  // namespace news
