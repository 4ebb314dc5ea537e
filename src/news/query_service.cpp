#include "query_service.hpp"

#include "archived_store.hpp"
#include "article.hpp"
#include "article_store.hpp"
#include "count_store.hpp"
#include "damage_service.hpp"
#include "name_store.hpp"
#include "publication.hpp"
#include "version_store.hpp"

namespace news {

namespace {

using Articles = std::vector<Article>;

base::Error version_not_found(const char* message) {
    return {base::Reason::not_found, "version_not_found", message};
}

}  // namespace

QueryService::QueryService(database::Database& view, database::Database& commands,
                           const Archives& archives, const base::Watermark& applied,
                           const base::Clock& clock, std::string news_type, bool author_lists)
    : view_(view),
      commands_(commands),
      archives_(archives),
      applied_(applied),
      clock_(clock),
      news_type_(std::move(news_type)),
      author_lists_(author_lists) {}

std::optional<Generation> QueryService::generation() const {
    return Generation{replaced_.load(std::memory_order_acquire), applied_.value()};
}

base::Result<void> QueryService::ready() const {
    if (fits_.load(std::memory_order_acquire)) return {};
    return base::Error{
        base::Reason::unavailable, "view_rebuilding",
        "The view of " + news_type_ + " is being made anew from its log. Try again in a moment."};
}

std::vector<Article> QueryService::in_time(std::vector<Article> articles) const {
    std::erase_if(articles, [now = clock_.now()](const Article& article) {
        return !is_public(article, now);
    });
    return articles;
}

base::Task<Article> QueryService::article(ArticleId id, base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    using Found = std::optional<ArticleRow>;
    auto work = [this, id](database::ReadTransaction& transaction) -> base::Result<Found> {
        return ArticleStore(transaction, active_slot(transaction), news_type_).find(id);
    };
    auto found = co_await view_.read<Found>(context.deadline, work);
    if (!found) co_return found.error();
    if (!*found && archives_.any()) {
        auto article = co_await archived(id, context);
        bool is_there = article || article.error().code != not_found().code;
        if (is_there) co_return article;
        // It may just have been brought back.
        found = co_await view_.read<Found>(context.deadline, work);
        if (!found) co_return found.error();
    }
    auto& row = *found;
    if (!row || row->article.status == Status::removed) co_return not_found();
    if (row->article.status == Status::killed) {
        bool may_know = !row->article.embargo_until || may_act(context.actor, row->created_by);
        co_return may_know ? killed(row->article.notice) : not_found();
    }
    bool may_see = is_public(row->article, clock_.now()) || may_act(context.actor, row->created_by);
    if (!may_see) co_return not_found();
    co_return std::move(row->article);
}

base::Task<Articles> QueryService::several(std::vector<ArticleId> ids,
                                           base::Context context) const {
    if (ids.size() > several_max) {
        co_return base::Error{
            base::Reason::invalid, "too_many_ids",
            "At most " + std::to_string(several_max) + " items may be asked for at once."};
    }
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, ids](database::ReadTransaction& transaction) -> base::Result<Articles> {
        ArticleStore store(transaction, active_slot(transaction), news_type_);
        return in_time(store.several(ids));
    };
    auto shown = co_await view_.read<Articles>(context.deadline, std::move(work));
    bool is_all = !shown || shown->size() == ids.size() || !archives_.any();
    if (is_all) co_return shown;
    Articles all;
    auto next = shown->begin();
    for (auto id : ids) {
        if (next != shown->end() && next->id == id) {
            all.push_back(std::move(*next++));
            continue;
        }
        auto one = co_await archived(id, context);
        if (one) {
            all.push_back(std::move(*one));
            continue;
        }
        // One whose archive cannot be read is left out, as one is that is not there.
        const auto& code = one.error().code;
        bool is_left_out = code == not_found().code || code == archive_unreadable_code;
        if (!is_left_out) co_return one.error();
    }
    co_return all;
}

base::Task<SlugMatch> QueryService::by_slug(std::string slug, base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [slug](database::ReadTransaction& transaction) -> base::Result<Match> {
        return find_by_slug(transaction, active_slot(transaction), slug);
    };
    auto shown = co_await view_.read<Match>(context.deadline, std::move(work));
    if (!shown) co_return shown.error();
    // Nothing comes before that: a slug is one article's at a time, archived ones included.
    bool is_best = *shown && (*shown)->rank == 0 && (*shown)->now;
    if (is_best) co_return SlugMatch{(*shown)->id, true};
    auto find = [slug](database::ReadTransaction& log) { return find_archived_by_slug(log, slug); };
    auto archived = co_await find_archived(std::move(context), std::move(find));
    // What the view has is shown without the log, too.
    if (!archived && !*shown) co_return archived.error();
    auto match = archived ? better_of(*shown, *archived) : *shown;
    if (!match) co_return not_found();
    SlugMatch found{match->id, match->now};
    co_return found;
}

base::Task<ArticleId> QueryService::by_legacy_id(std::string legacy_id,
                                                 base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [legacy_id](database::ReadTransaction& transaction) -> base::Result<Match> {
        return find_by_legacy_id(transaction, active_slot(transaction), legacy_id);
    };
    auto shown = co_await view_.read<Match>(context.deadline, std::move(work));
    if (!shown) co_return shown.error();
    auto find = [legacy_id](database::ReadTransaction& log) {
        return find_archived_by_legacy_id(log, legacy_id);
    };
    auto archived = co_await find_archived(std::move(context), std::move(find));
    if (!archived && !*shown) co_return archived.error();
    auto match = archived ? better_of(*shown, *archived) : *shown;
    if (!match) co_return not_found();
    co_return match->id;
}

template <class Find>
base::Task<QueryService::Match> QueryService::find_archived(base::Context context,
                                                            Find find) const {
    if (!archives_.any()) co_return Match();
    auto work = [find](database::ReadTransaction& log) -> base::Result<Match> { return find(log); };
    co_return co_await commands_.read<Match>(context.deadline, std::move(work));
}

base::Task<std::optional<MovedTo>> QueryService::moved_to(ArticleId id,
                                                          base::Context context) const {
    using Moved = std::optional<MovedTo>;
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [id](database::ReadTransaction& transaction) -> base::Result<Moved> {
        return find_moved_to(transaction, active_slot(transaction), id);
    };
    co_return co_await view_.read<Moved>(context.deadline, std::move(work));
}

base::Task<StateCounts> QueryService::counts(base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this](database::ReadTransaction& transaction) -> base::Result<StateCounts> {
        auto counts = read_counts(transaction, active_slot(transaction));
        if (counts) return *counts;
        return base::Error{base::Reason::unavailable, "not_counted_yet",
                           "The items of " + news_type_ +
                               " could not be counted when the server started, as on a full disk. "
                               "The next start tries again."};
    };
    co_return co_await view_.read<StateCounts>(context.deadline, std::move(work));
}

base::Task<void> QueryService::admit_to_past(ArticleId id, base::Context context) const {
    // Editors may see everything: whether it is there, the log says.
    if (context.actor.role >= base::Role::editor) co_return base::Result<void>();
    auto there = ready();
    if (!there) co_return there.error();
    using Standing = std::optional<ArticleState>;
    auto work = [this, id](database::ReadTransaction& transaction) -> base::Result<Standing> {
        return ArticleStore(transaction, active_slot(transaction), news_type_).standing(id);
    };
    auto standing = co_await view_.read<Standing>(context.deadline, std::move(work));
    if (!standing) co_return standing.error();
    auto state = std::move(*standing);
    if (!state && archives_.any()) {
        auto look = [id](database::ReadTransaction& log) -> base::Result<Standing> {
            auto archived = news::find_archived(log, id);
            return archived ? Standing(standing_of(*archived)) : Standing();
        };
        auto archived = co_await commands_.read<Standing>(context.deadline, std::move(look));
        if (!archived) co_return archived.error();
        state = std::move(*archived);
    }
    // An author what is theirs, but for what an editor has taken from readers.
    bool is_theirs =
        state && !was_killed(*state) && party_of(context.actor, state->created_by) == Party::author;
    if (is_theirs) co_return base::Result<void>();
    co_return admit(state, context.actor, Step::restore);
}

template <class T, class Read>
base::Task<T> QueryService::read_past(ArticleId id, base::Context context, Read read) const {
    /// What was read, or in which archive it is.
    struct Placed {
        std::optional<T> value{};
        std::string archive{};
    };
    auto work = [id, read](database::ReadTransaction& log) -> base::Result<Placed> {
        if (current_version(log, id) == 0) return not_found();
        auto archive = bus::archive_of(log, id);
        if (archive && !bus::has_bodies(log, id)) return Placed{{}, *archive};
        auto there = [&]() -> base::Result<Placed> {
            auto value = read(log);
            if (!value) return value.error();
            return Placed{std::move(*value), {}};
        };
        return unless_damaged<Placed>(id, there);
    };
    auto placed = co_await commands_.read<Placed>(context.deadline, std::move(work));
    if (!placed) co_return placed.error();
    if (placed->value) co_return std::move(*placed->value);
    auto archive = archives_.find(placed->archive);
    if (!archive) co_return archive.error();
    auto elsewhere =
        [id, read, name = placed->archive](database::ReadTransaction& events) -> base::Result<T> {
        if (current_version(events, id) == 0) {
            return archive_unreadable(name, "the item is not in it");
        }
        auto there = [&] { return read(events); };
        return unless_damaged<T>(id, there);
    };
    co_return co_await read_archive<T>(**archive, context.deadline, std::move(elsewhere));
}

base::Task<HistoryPage> QueryService::history(ArticleId id, HistoryQuestion question,
                                              base::Context context) const {
    auto admitted = co_await admit_to_past(id, context);
    if (!admitted) co_return admitted.error();
    auto reading = std::make_shared<HistoryReading>(HistoryReading{question});
    auto read = [id, reading](database::ReadTransaction& events) -> base::Result<bool> {
        read_history(events, id, *reading);
        return reading->done;
    };
    for (;;) {
        auto done = co_await read_past<bool>(id, context, read);
        if (!done) co_return done.error();
        if (*done) co_return std::move(reading->page);
    }
}

base::Task<Article> QueryService::at_version(ArticleId id, FindVersion find, const char* missing,
                                             base::Context context) const {
    auto admitted = co_await admit_to_past(id, context);
    if (!admitted) co_return admitted.error();
    co_return co_await read_version(id, std::move(find), missing, std::move(context));
}

base::Task<Article> QueryService::read_version(ArticleId id, FindVersion find, const char* missing,
                                               base::Context context) const {
    auto read = [this, id, find = std::move(find),
                 missing](database::ReadTransaction& events) -> base::Result<Article> {
        auto state = read_state(events, id, find(events));
        if (!state) return version_not_found(missing);
        auto content = read_content(events, *state);
        return article_of(std::move(*state), std::move(content), news_type_);
    };
    co_return co_await read_past<Article>(id, std::move(context), std::move(read));
}

base::Task<Article> QueryService::archived(ArticleId id, base::Context context) const {
    using Found = std::optional<ArchivedArticle>;
    auto look = [id](database::ReadTransaction& log) -> base::Result<Found> {
        return news::find_archived(log, id);
    };
    auto found = co_await commands_.read<Found>(context.deadline, std::move(look));
    if (!found) co_return found.error();
    if (!*found) co_return not_found();
    FindVersion find = [version = (*found)->version](database::ReadTransaction&) {
        return version;
    };
    co_return co_await read_version(id, std::move(find), "Its archive has it not whole.",
                                    std::move(context));
}

base::Task<Article> QueryService::version(ArticleId id, Version version,
                                          base::Context context) const {
    FindVersion find = [version](database::ReadTransaction&) { return version; };
    co_return co_await at_version(id, std::move(find), "This news item has no such version.",
                                  std::move(context));
}

base::Task<Article> QueryService::as_of(ArticleId id, base::Time time,
                                        base::Context context) const {
    auto end = std::chrono::floor<std::chrono::milliseconds>(time) + std::chrono::milliseconds(1);
    FindVersion find = [id, end, now = clock_.now()](database::ReadTransaction& transaction) {
        return read_version_before(transaction, id, end, now);
    };
    co_return co_await at_version(id, std::move(find), "This news item did not exist at that time.",
                                  std::move(context));
}

}  // namespace news
