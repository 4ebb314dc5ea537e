#include "news/workflow.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "article.hpp"
#include "publication.hpp"
#include "support/catch.hpp"

namespace news {

namespace {

using namespace std::chrono_literals;

constexpr std::array workflows = {Workflow::direct, Workflow::review};
constexpr std::array stages = {Stage::draft,     Stage::in_review, Stage::approved,
                               Stage::scheduled, Stage::published, Stage::removed,
                               Stage::killed};
constexpr std::array parties = {Party::other, Party::author, Party::editor};
constexpr std::array steps = {Step::revise,  Step::publish,   Step::schedule, Step::unpublish,
                              Step::remove,  Step::restore,   Step::submit,   Step::withdraw,
                              Step::approve, Step::hand_back, Step::correct,  Step::kill};
constexpr std::array party_names = {"another author", "its author", "an editor"};
constexpr std::array step_names = {"revise",  "publish", "schedule", "unpublish",
                                   "remove",  "restore", "submit",   "withdraw",
                                   "approve", "return",  "correct",  "kill"};
constexpr std::array ruling_codes = {"",
                                     "news_not_found",
                                     "forbidden",
                                     "already_published",
                                     "not_published",
                                     "no_review",
                                     "not_a_draft",
                                     "not_in_review",
                                     "killed"};
static_assert(workflows.size() == workflow_count && stages.size() == stage_count &&
              parties.size() == party_count && steps.size() == step_count);

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
    constexpr std::array statuses = {Status::draft, Status::in_review, Status::approved,
                                     Status::draft, Status::published, Status::removed,
                                     Status::killed};
    state.status = statuses[index_of(stage)];
    if (stage == Stage::scheduled) state.published_at = noon + 1h;
    bool was_published = stage == Stage::published || stage == Stage::killed;
    if (was_published) state.published_at = noon - 1h;
    return state;
}

base::Actor actor_of(Party party) {
    if (party == Party::editor) return {9, base::Role::editor};
    return {party == Party::author ? 7 : 8, base::Role::author};
}

/// What the rules make of a step, as the commands ask them.
base::Result<Event> decide(Workflow workflow, const ArticleState& state, const base::Actor& actor,
                           Step step) {
    auto admitted = admit(state, actor, step, workflow);
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
        case Step::restore: {
            auto restored = *restore(article_at(Stage::published), "Content", noon);
            settle_restored(restored, state, actor, workflow, noon);
            return Event(restored);
        }
        case Step::correct:
            return correct(state, "Content", {"The name was wrong.", {}}, noon);
        case Step::revise:
            break;
        default:
            return take_step(state, step, "Because.", workflow);
    }
    Revision revision;
    revision.title = "Another title";
    return revise(state, "Content", revision, noon);
}

std::string cell(Workflow workflow, Stage stage, Party party, Step step) {
    auto ruling = ruling_on(workflow, stage, party, step);
    if (ruling != Ruling::allowed) return "`" + std::string(ruling_codes[index_of(ruling)]) + "`";
    auto then = stage_after(workflow, stage, party, step);
    if (then) return std::string(name_of(*then));
    return step == Step::restore ? "as it was then" : std::string(name_of(stage));
}

std::string table_as_page(Workflow workflow) {
    std::string page = "| it is | who |";
    for (auto step : steps) page += std::string(" ") + step_names[index_of(step)] + " |";
    page += "\n|---|---|";
    for (std::size_t i = 0; i < steps.size(); ++i) page += "---|";
    page += "\n";
    for (auto stage : stages) {
        for (auto party : parties) {
            page += std::string("| ") + std::string(name_of(stage)) + " | " +
                    party_names[index_of(party)] + " |";
            for (auto step : steps) page += " " + cell(workflow, stage, party, step) + " |";
            page += "\n";
        }
    }
    return page;
}

}  // namespace

TEST_CASE("the rules of an article give what the workflow's table says, cell by cell", "[news]") {
    for (auto workflow : workflows) {
        for (auto stage : stages) {
            for (auto party : parties) {
                for (auto step : steps) {
                    auto state = article_at(stage);
                    auto ruling = ruling_on(workflow, stage, party, step);
                    CAPTURE(name_of(workflow), std::string(name_of(stage)),
                            party_names[index_of(party)], step_names[index_of(step)],
                            ruling_codes[index_of(ruling)]);

                    auto decided = decide(workflow, state, actor_of(party), step);

                    CHECK(bool(decided) == (ruling == Ruling::allowed));
                    if (!decided) {
                        CHECK(decided.error().code == ruling_codes[index_of(ruling)]);
                        continue;
                    }
                    auto after = apply(state, 1, {2, std::nullopt, noon, *decided});
                    auto where = step == Step::restore ? Stage::published : stage;
                    auto expected = stage_after(workflow, stage, party, step).value_or(where);
                    CHECK(stage_of({after.status, after.published_at}) == expected);
                }
            }
        }
    }
}

TEST_CASE("what a revision does besides is a step, which the workflow must have for its author",
          "[news]") {
    auto said_of = [](Stage stage, Revision revision) {
        auto state = article_at(stage);
        auto event = revise(state, "Content", std::move(revision), noon);
        REQUIRE(event);
        return step_of(state, *event);
    };
    Revision text;
    text.title = "Another title";
    Revision published = text;
    published.status = Status::published;
    Revision scheduled = text;
    scheduled.published_at = noon + 1h;
    Revision off = text;
    off.status = Status::draft;
    Revision later;
    later.published_at = noon - 1min;

    CHECK(said_of(Stage::draft, text) == std::nullopt);
    CHECK(said_of(Stage::in_review, published) == Step::publish);
    CHECK(said_of(Stage::approved, scheduled) == Step::schedule);
    CHECK(said_of(Stage::published, off) == Step::unpublish);
    CHECK(said_of(Stage::published, later) == std::nullopt);
}

TEST_CASE("an item on its way that is sent back whole stays where it is", "[news]") {
    for (auto stage :
         {Stage::draft, Stage::in_review, Stage::approved, Stage::scheduled, Stage::published}) {
        auto state = article_at(stage);
        if (stage == Stage::scheduled) state.status = Status::approved;
        Revision whole;
        whole.title = "Another title";
        whole.status = state.status;
        whole.published_at = state.published_at;
        whole.without_time = !state.published_at;
        auto event = revise(state, "Content", whole, noon);
        CAPTURE(std::string(name_of(stage)));
        REQUIRE(event);
        auto after = apply(state, 1, {2, std::nullopt, noon, *event});
        CHECK(after.status == state.status);
        CHECK(after.published_at == state.published_at);
    }
    Revision back;
    back.status = Status::draft;
    auto refused = revise(article_at(Stage::in_review), "Content", back, noon);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::Contains("withdraw"));
    back.status = Status::approved;
    CHECK_FALSE(revise(article_at(Stage::in_review), "Content", back, noon));
}

TEST_CASE("an author's new article is a draft where news is reviewed, and nothing else is taken",
          "[news]") {
    base::Actor author{7, base::Role::author};
    NewArticle article{"Title", "", "Content", "Ann", {}};
    REQUIRE(admit_new(article, author, Workflow::review, noon));
    CHECK(article.draft);

    NewArticle published{"Title", "", "Content", "Ann", {}};
    published.publish = true;
    CHECK(admit_new(published, author, Workflow::review, noon).error().code == "forbidden");
    NewArticle scheduled{"Title", "", "Content", "Ann", {}};
    scheduled.published_at = noon + 1h;
    CHECK(admit_new(scheduled, author, Workflow::review, noon).error().code == "forbidden");

    for (auto* one : {&published, &scheduled}) {
        CHECK(admit_new(*one, author, Workflow::direct, noon));
        CHECK(admit_new(*one, {9, base::Role::editor}, Workflow::review, noon));
        CHECK_FALSE(one->draft);
    }
}

TEST_CASE("a note has its bounds, and is needed where others act on it", "[news]") {
    auto in_review = article_at(Stage::in_review);
    auto out = article_at(Stage::published);
    auto code_of = [](const base::Result<Event>& decided) {
        return decided ? "" : decided.error().code;
    };
    CHECK(code_of(take_step(in_review, Step::approve, "", Workflow::review)) == "");
    CHECK(code_of(take_step(in_review, Step::hand_back, " ", Workflow::review)) == "invalid_news");
    CHECK(code_of(take_step(out, Step::kill, "", Workflow::direct)) == "invalid_news");
    CHECK(code_of(take_step(out, Step::kill, std::string(1000, 'x'), Workflow::direct)) == "");
    CHECK(code_of(take_step(out, Step::kill, std::string(1001, 'x'), Workflow::direct)) ==
          "invalid_news");
    CHECK(code_of(correct(out, "Content", {}, noon)) == "invalid_news");

    Remark more{"A note.", {}};
    more.changes.status = Status::draft;
    CHECK(code_of(correct(out, "Content", more, noon)) == "invalid_news");
    more.changes = {};
    more.changes.expires_at = std::optional(noon + 1h);
    CHECK(code_of(correct(out, "Content", more, noon)) == "invalid_news");
    out.corrections.assign(100, {"One", noon});
    CHECK(code_of(correct(out, "Content", {"One more", {}}, noon)) == "too_many_corrections");
}

TEST_CASE("embargo and expiry are in order, lie ahead, and can be ended", "[news]") {
    auto state = article_at(Stage::published);
    auto fields_of = [](const base::Result<Event>& decided) {
        std::string fields;
        if (decided) return fields;
        for (const auto& problem : decided.error().details) fields += problem.field + " ";
        return fields;
    };
    auto with = [&](std::optional<base::Time> embargo, std::optional<base::Time> expiry) {
        Revision revision;
        revision.embargo_until = embargo;
        revision.expires_at = expiry;
        return revise(state, "Content", revision, noon);
    };
    CHECK(fields_of(with(noon + 2h, noon + 1h)) == "embargo_until ");
    CHECK(fields_of(with(std::nullopt, noon - 1h)) == "expires_at ");
    auto set = with(noon + 1h, noon + 2h);
    REQUIRE(set);
    // Whoever hears of it without knowing the article knows that it is not public now.
    CHECK(public_after(*set) == false);
    state = apply(state, 1, {2, std::nullopt, noon, *set});
    CHECK(state.embargo_until == noon + 1h);
    CHECK(fields_of(publish(article_at(Stage::draft), std::nullopt, noon)).empty());
    auto draft = article_at(Stage::draft);
    draft.expires_at = noon + 1h;
    CHECK(fields_of(publish(draft, noon + 2h, noon)) == "expires_at ");
    CHECK(fields_of(publish(draft, noon, noon + 3h)) == "expires_at ");

    auto ended = with(std::nullopt, noon + 2h);
    REQUIRE(ended);
    CHECK(public_after(*ended) == true);
    CHECK_FALSE(apply(state, 1, {3, std::nullopt, noon, *ended}).embargo_until);
    // What has passed is none: as if it had been left out.
    CHECK(public_after(*with(noon - 1h, noon + 2h)) == true);
}

TEST_CASE("others are told as little of an article under embargo as of none", "[news]") {
    auto state = article_at(Stage::published);
    CHECK(admit(state, actor_of(Party::other), Step::publish, Workflow::direct).error().code ==
          "forbidden");
    state.embargo_until = noon + 1h;
    for (auto step : {Step::publish, Step::revise, Step::kill, Step::restore}) {
        auto refused = admit(state, actor_of(Party::other), step, Workflow::direct);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == "news_not_found");
    }
    CHECK(admit(state, actor_of(Party::author), Step::revise, Workflow::direct));
}

TEST_CASE("a schedule that has run out is not restored, at whichever stage it was", "[news]") {
    for (auto status : {Status::draft, Status::in_review, Status::approved}) {
        auto state = article_at(Stage::scheduled);
        state.status = status;
        CHECK(restore(state, "Content", noon)->published_at == noon + 1h);
        CHECK_FALSE(restore(state, "Content", noon + 1h)->published_at);
    }
    CHECK(restore(article_at(Stage::published), "Content", noon)->published_at == noon - 1h);
}

TEST_CASE("whoever is neither an author nor an editor may do nothing with an article", "[news]") {
    CHECK(party_of({7, base::Role::reader}, 7) == Party::other);
    CHECK(party_of({7, base::Role::author}, std::nullopt) == Party::other);
    CHECK(party_of({std::nullopt, base::Role::author}, std::nullopt) == Party::other);
    CHECK(party_of({1, base::Role::admin}, 7) == Party::editor);
    for (auto workflow : workflows) {
        for (auto stage : stages) {
            for (auto step : steps) {
                CHECK(ruling_on(workflow, stage, Party::other, step) != Ruling::allowed);
            }
        }
    }
}

TEST_CASE("docs/workflow.md shows the workflow's tables", "[news]") {
    std::ifstream file(std::filesystem::path(PORTAL_SOURCE_DIR) / "docs" / "workflow.md");
    std::stringstream page;
    page << file.rdbuf();
    for (auto workflow : workflows) {
        INFO("the page must have this table:\n" << table_as_page(workflow));
        CHECK(page.str().find("\n\n" + table_as_page(workflow) + "\n") != std::string::npos);
    }
}

}  // namespace news
