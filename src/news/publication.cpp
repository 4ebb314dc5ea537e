#include "publication.hpp"

#include <algorithm>
#include <stdexcept>

#include "article.hpp"
#include "base/text.hpp"
#include "base/unicode.hpp"

namespace news {

namespace {

using base::Error;
using base::Problem;
using base::Reason;

constexpr std::size_t note_max = 1000;
constexpr std::size_t corrections_max = 100;

/// Of a step that makes no sense where the article stands, whoever takes it.
std::optional<Error> refusal_of(const ArticleState& article, Step step,
                                Workflow workflow = Workflow::direct) {
    auto conflict = [&](const char* code, const char* message) {
        return Error{Reason::conflict, code, message, {}, article.version};
    };
    auto stage = stage_of({article.status, article.published_at});
    switch (ruling_on(workflow, stage, Party::editor, step)) {
        case Ruling::already_published:
            return conflict("already_published", "This news item is published already.");
        case Ruling::not_published:
            if (step != Step::unpublish) {
                return conflict("not_published", "This news item is not published.");
            }
            return conflict("not_published", "This news item is neither published nor scheduled.");
        case Ruling::no_review:
            return conflict("no_review", "News of this type is published without a review.");
        case Ruling::not_a_draft:
            return conflict("not_a_draft", "Only a draft can be submitted, and this is none.");
        case Ruling::not_in_review:
            return conflict("not_in_review", "This news item does not wait for a review.");
        default:
            return std::nullopt;
    }
}

std::optional<Problem> problem_of_note(std::string_view field, std::string_view note,
                                       bool is_needed) {
    auto length = base::count_code_points(note);
    if (!length) return Problem{std::string(field), "is not valid UTF-8"};
    if (is_needed && base::trim(note).empty()) {
        return Problem{std::string(field), "must not be empty"};
    }
    if (*length <= note_max) return std::nullopt;
    return Problem{std::string(field), "has " + std::to_string(*length) + " characters, at most " +
                                           std::to_string(note_max) + " are allowed"};
}

/// What is under way to be published, and its name on the way.
bool is_reviewed(Status status) {
    return status == Status::in_review || status == Status::approved;
}

bool is_past(const std::optional<base::Time>& time, base::Time now) {
    return time && *time <= now;
}

constexpr const char* embargo_after_expiry = "is later than expires_at";
constexpr const char* expiry_passed = "must lie ahead";

}  // namespace

Publication publication_after(std::vector<Problem>& problems, const Publication& now_is,
                              const Revision& revision, base::Time now) {
    if (!revision.status && !revision.published_at && !revision.without_time) return now_is;
    bool is_published = now_is.status == Status::published;
    // That is where a step leads: what is sent as it is means nothing.
    auto wanted = revision.status.value_or(now_is.status);
    bool is_sent_back = wanted == now_is.status && is_reviewed(now_is.status);
    bool is_said = revision.status.has_value() && !is_sent_back;
    bool to_draft = is_said && wanted == Status::draft;
    bool to_published = is_said && wanted == Status::published;
    if (is_said && !to_draft && !to_published) {
        problems.push_back({"status", "must be draft or published"});
        return now_is;
    }
    if (to_draft && is_reviewed(now_is.status)) {
        problems.push_back({"status",
                            "is draft again by the steps withdraw and return, and by unpublish if "
                            "it is scheduled"});
        return now_is;
    }
    if (revision.published_at) {
        auto at = to_millis(*revision.published_at);
        if (at == now_is.published_at && wanted == now_is.status) return now_is;
        if (at <= now) {
            if (to_draft) return {Status::draft, std::nullopt};
            return {Status::published, at};
        }
        if (is_published && !to_draft) {
            problems.push_back(
                {"published_at",
                 "lies ahead, but the item is published: send status draft with it"});
            return now_is;
        }
        return {is_reviewed(now_is.status) ? Status::approved : Status::draft, at};
    }
    if (revision.without_time && is_published && !to_draft) {
        problems.push_back(
            {"published_at", "must be a time while the item is published: send status draft"});
        return now_is;
    }
    if (to_published) {
        return is_published ? now_is : Publication{Status::published, to_millis(now)};
    }
    bool has_time = revision.without_time && now_is.published_at;
    if (is_published || has_time) return {Status::draft, std::nullopt};
    return now_is;
}

void check_times(std::vector<Problem>& problems, const NewArticle& article) {
    bool is_in_order = !article.embargo_until || !article.expires_at ||
                       *article.embargo_until <= *article.expires_at;
    if (!is_in_order) problems.push_back({"embargo_until", embargo_after_expiry});
}

void settle_times(std::vector<Problem>& problems, Revision& revision, const ArticleState& state,
                  const Publication& after, base::Time now) {
    for (auto* time : {&revision.embargo_until, &revision.expires_at}) {
        if (*time && **time) **time = to_millis(***time);
    }
    forget_if_same(revision.embargo_until, state.embargo_until);
    forget_if_same(revision.expires_at, state.expires_at);
    if (revision.embargo_until && is_past(*revision.embargo_until, now)) {
        revision.embargo_until = std::optional<base::Time>();
        forget_if_same(revision.embargo_until, state.embargo_until);
    }
    auto embargo_until = revision.embargo_until.value_or(state.embargo_until);
    auto expires_at = revision.expires_at.value_or(state.expires_at);
    if (revision.expires_at && is_past(expires_at, now)) {
        problems.push_back({"expires_at", expiry_passed});
    } else if (embargo_until && expires_at && *embargo_until > *expires_at) {
        problems.push_back({"embargo_until", embargo_after_expiry});
    } else if (after != Publication{state.status, state.published_at} && after.published_at &&
               is_past(expires_at, std::max(now, *after.published_at))) {
        problems.push_back({"expires_at", "is before the item would be published"});
    }
}

base::Result<void> admit_new(NewArticle& article, const base::Actor& actor, Workflow workflow,
                             base::Time now) {
    if (workflow == Workflow::review && actor.role < base::Role::editor) {
        if (article.publish || article.published_at) {
            return Error{Reason::forbidden, "forbidden",
                         "News of this type is published by editors. Send the item without status "
                         "and published_at, and submit it then."};
        }
        article.draft = true;
    }
    auto at = article.published_at.value_or(now);
    if (!is_past(article.expires_at, std::max(now, at))) return {};
    return invalid_news(
        {{"expires_at",
          article.expires_at > now ? "is before the item would be published" : expiry_passed}});
}

Publication publication_of(const NewArticle& article, base::Time now) {
    auto at = article.published_at;
    // What a source tells of may have expired there.
    bool is_over = is_past(article.expires_at, now);
    if (at && *at > now && !is_over) return {Status::draft, to_millis(*at)};
    if (article.draft || is_over) return {Status::draft, std::nullopt};
    return {Status::published, to_millis(at.value_or(now))};
}

Event publication_event(const Publication& publication) {
    if (publication.status == Status::published) {
        return ArticlePublished{publication.published_at.value_or(base::Time{})};
    }
    if (publication.published_at) return ArticleScheduled{*publication.published_at};
    return ArticleUnpublished{};
}

bool may_act(const base::Actor& actor, const std::optional<std::int64_t>& created_by) {
    return party_of(actor, created_by) != Party::other;
}

bool was_killed(const ArticleState& state) {
    return state.status == Status::killed ||
           (state.status == Status::removed && !state.notice.empty());
}

base::Result<void> admit(const std::optional<ArticleState>& state, const base::Actor& actor,
                         Step step, Workflow workflow) {
    if (!state) return not_found();
    auto party = party_of(actor, state->created_by);
    auto stage = stage_of({state->status, state->published_at});
    // Others are told as little of it as of what is not there.
    bool is_hidden = state->embargo_until && (stage == Stage::published || was_killed(*state));
    if (is_hidden && party == Party::other) return not_found();
    // A removal of what was killed gives nobody back what the kill took.
    if (step == Step::restore && was_killed(*state)) stage = Stage::killed;
    switch (ruling_on(workflow, stage, party, step)) {
        case Ruling::not_found:
            return not_found();
        case Ruling::killed:
            return killed(state->notice);
        case Ruling::forbidden:
            break;
        default:
            return {};
    }
    bool is_editors = party == Party::author;
    return Error{Reason::forbidden, "forbidden",
                 is_editors ? "Only editors may do that with this news item."
                            : "Only the author of this news item, and editors, may do that."};
}

Error killed(const std::string& notice) {
    return {Reason::not_found,
            "killed",
            "This news item was taken back: " + notice,
            {{"notice", notice}}};
}

base::Result<Event> publish(const ArticleState& article, std::optional<base::Time> at,
                            base::Time now) {
    bool is_ahead = at && *at > now;
    if (auto refused = refusal_of(article, is_ahead ? Step::schedule : Step::publish)) {
        return *refused;
    }
    if (is_past(article.expires_at, is_ahead ? *at : now)) {
        return invalid_news({{"expires_at", is_ahead ? "is before the item would be published"
                                                     : "has passed: set another one, or none"}});
    }
    if (is_ahead) return Event(ArticleScheduled{to_millis(*at)});
    return Event(ArticlePublished{to_millis(at.value_or(now)), article.embargo_until});
}

base::Result<ArticleUnpublished> unpublish(const ArticleState& article) {
    if (auto refused = refusal_of(article, Step::unpublish)) return *refused;
    return ArticleUnpublished{};
}

base::Result<Event> take_step(const ArticleState& article, Step step, std::string note,
                              Workflow workflow) {
    if (auto refused = refusal_of(article, step, workflow)) return *refused;
    bool is_kill = step == Step::kill;
    auto problem =
        problem_of_note(is_kill ? "notice" : "note", note, is_kill || step == Step::hand_back);
    if (problem) return invalid_news({*problem});
    switch (step) {
        case Step::submit:
            return Event(ArticleSubmitted{std::move(note)});
        case Step::withdraw:
            return Event(ArticleWithdrawn{std::move(note)});
        case Step::approve:
            return Event(ArticleApproved{std::move(note)});
        case Step::hand_back:
            return Event(ArticleReturned{std::move(note)});
        case Step::kill:
            return Event(ArticleKilled{std::move(note)});
        default:
            throw std::logic_error("a step that has rules of its own");
    }
}

base::Result<Event> correct(const ArticleState& article, const std::string& content, Remark remark,
                            base::Time now, const std::vector<std::string>& embeds,
                            std::vector<Dropped>* dropped) {
    if (auto refused = refusal_of(article, Step::correct)) return *refused;
    if (article.corrections.size() >= corrections_max) {
        return Error{Reason::conflict,
                     "too_many_corrections",
                     "This news item has " + std::to_string(corrections_max) +
                         " corrections, more are not kept. Revise it.",
                     {},
                     article.version};
    }
    std::vector<Problem> problems;
    if (auto problem = problem_of_note("note", remark.note, true)) problems.push_back(*problem);
    auto revised = revise(article, content, std::move(remark.changes), now, embeds, dropped);
    if (!revised && revised.error().code != "invalid_news") return revised.error();
    if (!revised) {
        for (const auto& problem : revised.error().details) problems.push_back(problem);
    }
    auto* changed = revised ? std::get_if<ArticleRevised>(&*revised) : nullptr;
    bool stays = changed && !changed->publication && !changed->expires_at;
    if (revised && !stays) {
        problems.push_back({"status",
                            "and published_at, embargo_until and expires_at are not changed by a "
                            "correction"});
    }
    if (!problems.empty()) return invalid_news(std::move(problems));
    return Event(ArticleCorrected{std::move(remark.note), std::move(*changed)});
}

std::optional<Step> step_of(const ArticleState& before, const Event& event) {
    std::optional<Publication> after;
    if (const auto* revised = std::get_if<ArticleRevised>(&event)) after = revised->publication;
    if (const auto* published = std::get_if<ArticlePublished>(&event)) {
        after = Publication{Status::published, published->published_at};
    }
    if (std::holds_alternative<ArticleScheduled>(event)) return Step::schedule;
    if (std::holds_alternative<ArticleUnpublished>(event)) return Step::unpublish;
    if (!after || *after == Publication{before.status, before.published_at}) return std::nullopt;
    if (after->status == Status::published) {
        // Of what is published only the time is set right.
        bool is_revision = before.status == Status::published;
        return is_revision ? std::nullopt : std::optional(Step::publish);
    }
    return after->published_at ? Step::schedule : Step::unpublish;
}

std::optional<Event> due_event(const ArticleState& state, base::Time now) {
    bool is_scheduled = stage_of({state.status, state.published_at}) == Stage::scheduled;
    // First what has expired: it must not be seen on its way.
    if (is_or_will_be_public(state) && is_past(state.expires_at, now)) return ArticleUnpublished{};
    if (is_past(state.embargo_until, now)) {
        return ArticleEmbargoEnded{{state.status, state.published_at}};
    }
    if (is_scheduled && is_past(state.published_at, now)) {
        return ArticlePublished{*state.published_at, state.embargo_until};
    }
    return std::nullopt;
}

std::optional<base::Time> due_at(const Publication& publication,
                                 const std::optional<base::Time>& embargo_until,
                                 const std::optional<base::Time>& expires_at) {
    auto stage = stage_of(publication);
    bool is_gone = stage == Stage::removed || stage == Stage::killed;
    std::optional<base::Time> due;
    auto consider = [&](bool counts, const std::optional<base::Time>& time) {
        if (counts && time && (!due || *time < *due)) due = time;
    };
    consider(stage == Stage::scheduled, publication.published_at);
    consider(stage == Stage::scheduled || stage == Stage::published, expires_at);
    consider(!is_gone, embargo_until);
    return due;
}

void settle_restored(ArticleRestored& restored, const ArticleState& now_is,
                     const base::Actor& actor, Workflow workflow, base::Time now) {
    auto stage = stage_of({now_is.status, now_is.published_at});
    auto party = party_of(actor, now_is.created_by);
    if (was_killed(now_is)) stage = Stage::killed;
    bool is_drafted = stage_after(workflow, stage, party, Step::restore) == Stage::draft;
    bool is_of_kill = restored.status == Status::killed;
    bool is_unknown = workflow == Workflow::direct && is_reviewed(restored.status);
    bool has_expired =
        restored.published_at && is_past(now_is.expires_at, std::max(now, *restored.published_at));
    if (is_drafted || is_of_kill || is_unknown || has_expired) {
        restored.status = Status::draft;
        restored.published_at.reset();
    }
    restored.embargo_until = now_is.embargo_until;
}

void tell_embargo(Event& event, const ArticleState& before) {
    if (!before.embargo_until) return;
    if (auto* published = std::get_if<ArticlePublished>(&event)) {
        published->embargo_until = before.embargo_until;
    } else if (auto* restored = std::get_if<ArticleRestored>(&event)) {
        restored->embargo_until = before.embargo_until;
    } else if (auto* revised = std::get_if<ArticleRevised>(&event)) {
        bool is_silent = revised->publication && !revised->embargo_until;
        if (is_silent) revised->embargo_until.emplace(before.embargo_until);
    }
}

}  // namespace news
