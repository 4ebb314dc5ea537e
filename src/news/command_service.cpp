#include "command_service.hpp"

#include "publication.hpp"

namespace news {

namespace {

/// How often a command without an expected version starts again after somebody was faster.
constexpr int attempts_max = 5;

/// The content after an event, if it or what was loaded before it says so.
std::optional<std::string> known_content(const Event& event, std::string loaded, bool is_loaded) {
    if (const auto* brought = content_in(event)) return *brought;
    if (is_loaded) return loaded;
    return std::nullopt;
}

void count(const ImportOutcome& outcome, const std::string& source_id, Imported& imported) {
    switch (outcome.kind) {
        case ImportOutcome::Kind::added:
            ++imported.added;
            break;
        case ImportOutcome::Kind::updated:
            ++imported.updated;
            break;
        case ImportOutcome::Kind::unchanged:
            ++imported.already_there;
            break;
        case ImportOutcome::Kind::conflict:
            ++imported.conflicts;
            imported.conflicting.push_back(source_id);
    }
}

}  // namespace

CommandService::CommandService(EventStore& store, Importer& importer, Archiver& archiver,
                               base::Watermark& applied, const base::Clock& clock,
                               std::string news_type, std::chrono::milliseconds view_wait,
                               std::vector<std::string> embeds, Workflow workflow)
    : store_(store),
      importer_(importer),
      archiver_(archiver),
      applied_(applied),
      clock_(clock),
      news_type_(std::move(news_type)),
      view_wait_(view_wait),
      embeds_(std::move(embeds)),
      workflow_(workflow) {}

base::Task<CommandService::Changed> CommandService::answer_again(bus::AnsweredCall before,
                                                                 base::Context context) const {
    Command plain;
    plain.context = std::move(context);
    Needs needs;
    needs.earlier = before.version;
    auto loaded = co_await store_.load(before.stream, plain, needs);
    if (!loaded) co_return loaded.error();
    if (loaded->archived) {
        // By a clock that was set: what was changed lately is not archived.
        auto back = co_await archiver_.bring_back(before.stream, plain.context);
        if (!back) co_return back.error();
        loaded = co_await store_.load(before.stream, plain, needs);
        if (!loaded) co_return loaded.error();
    }
    if (!loaded->earlier) {
        throw std::logic_error("an answered call refers to a version that is not there");
    }
    Changed changed{std::move(*loaded->earlier), std::move(loaded->earlier_content)};
    co_return changed;
}

base::Task<Article> CommandService::article(Changed changed, base::Context context) const {
    if (!changed.content) {
        auto state = changed.state;
        auto content = co_await store_.content(std::move(state), std::move(context));
        if (!content) co_return content.error();
        changed.content = std::move(*content);
    }
    co_return article_of(std::move(changed.state), std::move(*changed.content), news_type_);
}

base::Task<Article> CommandService::article_again(bus::AnsweredCall before,
                                                  base::Context context) const {
    auto again = co_await answer_again(std::move(before), context);
    if (!again) co_return again.error();
    co_return co_await article(std::move(*again), std::move(context));
}

base::Result<CheckedArticle> CommandService::admit_and_check(NewArticle given,
                                                             const base::Actor& actor,
                                                             base::Time now) const {
    auto may = admit_new(given, actor, workflow_, now);
    bool is_denied = !may && may.error().code != "invalid_news";
    if (is_denied) return may.error();
    auto checked = check(std::move(given), embeds_);
    if (checked && !may) return may.error();
    return checked;
}

base::Task<Article> CommandService::create(NewArticle given, Command command) {
    if (command.idempotency_key) {
        auto before = co_await store_.answered(command);
        if (!before) co_return before.error();
        if (*before) co_return co_await article_again(std::move(**before), command.context);
    }
    auto now = clock_.now();
    auto checked = admit_and_check(std::move(given), command.context.actor, now);
    if (!checked) co_return checked.error();

    Event created(news::create(*checked, now));
    auto stored = co_await store_.append(ArticleState(), std::move(created), command, now);
    if (!stored) co_return stored.error();
    auto& appended = **stored;
    if (appended.repeated) {
        co_return co_await article_again(std::move(appended.call), command.context);
    }
    co_await applied_.reached(appended.position, clock_, view_wait_);
    auto made = article_of(std::move(appended.state), *content_in(appended.event), news_type_);
    made.dropped = checked->dropped();
    co_return made;
}

base::Task<void> CommandService::bring_back(ArchivedArticle archived, const Command& command,
                                            Step step) {
    auto state = standing_of(archived);
    auto admitted = admit(state, command.context.actor, step, workflow_);
    if (!admitted) co_return admitted.error();
    auto expected = check_expected(state, command.expected);
    if (!expected) co_return expected.error();
    co_return co_await archiver_.bring_back(archived.id, command.context);
}

base::Result<Event> CommandService::decide_on(const Loaded& loaded, Step step,
                                              const Command& command, const Decide& decide,
                                              base::Time now) const {
    const auto& actor = command.context.actor;
    auto admitted = admit(loaded.state, actor, step, workflow_);
    if (!admitted) return admitted.error();
    auto expected = check_expected(*loaded.state, command.expected);
    if (!expected) return expected.error();
    auto event = decide(loaded, now);
    if (!event) return event.error();
    // What a revision does besides is asked for as if it were done by itself.
    auto also = step_of(*loaded.state, *event).value_or(step);
    auto may = admit(loaded.state, actor, also, workflow_);
    if (!may) return may.error();
    return std::move(*event);
}

base::Task<CommandService::Changed> CommandService::change(ArticleId id, Step step, Command command,
                                                           Needs needs, Decide decide) {
    auto refusal = base::deadline_passed();
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        auto loaded = co_await store_.load(id, command, needs);
        if (!loaded) co_return loaded.error();
        if (loaded->answered) {
            bus::AnsweredCall before{id, *loaded->answered};
            co_return co_await answer_again(std::move(before), command.context);
        }
        if (loaded->archived) {
            auto back = co_await bring_back(std::move(*loaded->archived), command, step);
            if (!back) co_return back.error();
            continue;
        }
        auto now = clock_.now();
        auto event = decide_on(*loaded, step, command, decide, now);
        if (!event) co_return event.error();

        auto stored = co_await store_.append(std::move(*loaded->state), std::move(*event), command,
                                             now, needs.always);
        if (stored) {
            auto& appended = **stored;
            if (appended.repeated) continue;  // the next load finds the answer
            co_await applied_.reached(appended.position, clock_, view_wait_);
            auto content = known_content(appended.event, std::move(loaded->content), needs.content);
            Changed changed{std::move(appended.state), std::move(content)};
            co_return changed;
        }
        refusal = stored.error();
        if (refusal.code != "version_conflict") break;
        // Somebody was faster between load and append: what the caller expected is looked at anew.
    }
    co_return refusal;
}

base::Task<Article> CommandService::change_article(ArticleId id, Step step, Command command,
                                                   Needs needs, Decide decide) {
    auto context = command.context;
    auto changed = co_await change(id, step, std::move(command), needs, std::move(decide));
    if (!changed) co_return changed.error();
    co_return co_await article(std::move(*changed), std::move(context));
}

base::Task<Article> CommandService::revise(ArticleId id, Revision revision, Command command) {
    if (!command.expected) {
        co_return base::Error{base::Reason::precondition, "precondition_required",
                              "Say which version this change is based on: `version` in the body or "
                              "If-Match."};
    }
    // Its answer shows the content, so it may as well be compared with what is sent.
    Needs needs;
    needs.content = true;
    std::vector<Dropped> dropped;
    Decide decide = [&, revision = std::move(revision)](const Loaded& loaded, base::Time now) {
        return news::revise(*loaded.state, loaded.content, revision, now, embeds_, &dropped);
    };
    auto revised =
        co_await change_article(id, Step::revise, std::move(command), needs, std::move(decide));
    if (revised) revised->dropped = std::move(dropped);
    co_return revised;
}

base::Task<Article> CommandService::publish(ArticleId id, std::optional<base::Time> at,
                                            Command command) {
    Decide decide = [at](const Loaded& loaded, base::Time now) {
        return news::publish(*loaded.state, at, now);
    };
    Needs nothing;
    auto step = at && *at > clock_.now() ? Step::schedule : Step::publish;
    co_return co_await change_article(id, step, std::move(command), nothing, std::move(decide));
}

base::Task<Article> CommandService::unpublish(ArticleId id, Command command) {
    Decide decide = [](const Loaded& loaded, base::Time) -> base::Result<Event> {
        auto unpublished = news::unpublish(*loaded.state);
        if (!unpublished) return unpublished.error();
        return Event(*unpublished);
    };
    Needs nothing;
    co_return co_await change_article(id, Step::unpublish, std::move(command), nothing,
                                      std::move(decide));
}

base::Task<Version> CommandService::remove(ArticleId id, Command command) {
    Decide decide = [](const Loaded&, base::Time) -> base::Result<Event> {
        return Event(ArticleRemoved{});
    };
    Needs nothing;
    auto changed =
        co_await change(id, Step::remove, std::move(command), nothing, std::move(decide));
    if (!changed) co_return changed.error();
    co_return changed->state.version;
}

base::Task<Article> CommandService::restore(ArticleId id, Version version, Command command) {
    Decide decide = [this, actor = command.context.actor](const Loaded& loaded,
                                                          base::Time now) -> base::Result<Event> {
        auto restored = news::restore(loaded.earlier, loaded.earlier_content, now);
        if (!restored) return restored.error();
        settle_restored(*restored, *loaded.state, actor, workflow_, now);
        return Event(std::move(*restored));
    };
    Needs needs;
    needs.earlier = version;
    co_return co_await change_article(id, Step::restore, std::move(command), needs,
                                      std::move(decide));
}

base::Task<Article> CommandService::take(ArticleId id, Step step, Remark remark, Command command) {
    Needs needs;
    std::vector<Dropped> dropped;
    Decide decide;
    if (step == Step::correct) {
        needs.content = true;
        decide = [&](const Loaded& loaded, base::Time now) {
            return news::correct(*loaded.state, loaded.content, remark, now, embeds_, &dropped);
        };
    } else {
        decide = [&](const Loaded& loaded, base::Time) {
            return news::take_step(*loaded.state, step, remark.note, workflow_);
        };
    }
    auto taken = co_await change_article(id, step, std::move(command), needs, std::move(decide));
    if (taken) taken->dropped = std::move(dropped);
    co_return taken;
}

base::Task<std::string> CommandService::do_due(ArticleId id, Command command) {
    std::string done;
    Decide decide = [&done](const Loaded& loaded, base::Time now) -> base::Result<Event> {
        auto due = due_event(*loaded.state, now);
        if (!due) {
            return base::Error{base::Reason::conflict,
                               "nothing_due",
                               "Nothing is to happen to this news item now.",
                               {},
                               loaded.state->version};
        }
        done = name_of(*due);
        return std::move(*due);
    };
    // It was agreed to when there was room; refused now it would be tried for ever.
    Needs needs;
    needs.always = true;
    auto changed = co_await change(id, Step::revise, std::move(command), needs, std::move(decide));
    if (!changed) co_return changed.error();
    co_return done;
}

base::Task<Imported> CommandService::import(std::vector<ImportItem> items, base::Context context) {
    std::vector<std::string> source_ids;
    for (const auto& item : items) source_ids.push_back(*item.article->source_id);
    auto outcomes = co_await importer_.import_items(std::move(items), std::move(context));
    if (!outcomes) co_return outcomes.error();
    Imported imported;
    for (std::size_t i = 0; i < outcomes->size(); ++i)
        count((*outcomes)[i], source_ids[i], imported);
    co_return imported;
}

}  // namespace news
