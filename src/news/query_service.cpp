#include "query_service.hpp"

#include "article.hpp"
#include "article_store.hpp"
#include "count_store.hpp"
#include "damage_service.hpp"
#include "list_store.hpp"
#include "name_store.hpp"
#include "version_store.hpp"

namespace news {

namespace {

using Articles = std::vector<Article>;

base::Error version_not_found(const char* message) {
    return {base::Reason::not_found, "version_not_found", message};
}

}  // namespace

QueryService::QueryService(database::Database& view, database::Database& commands,
                           const base::Watermark& applied, const base::Clock& clock,
                           std::string news_type, bool author_lists)
    : view_(view),
      commands_(commands),
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

base::Result<void> QueryService::ready(const ListFilter& filter) const {
    if (filter.author.empty() || lists_authors()) return ready();
    return base::Error{base::Reason::invalid, "no_author_lists",
                       "The items of " + news_type_ +
                           " are not listed by author: the setting news.author_lists says so."};
}

base::Task<Article> QueryService::article(ArticleId id, base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, id](database::ReadTransaction& transaction) -> base::Result<ArticleRow> {
        auto row = ArticleStore(transaction, active_slot(transaction), news_type_).find(id);
        if (!row || row->article.status == Status::removed) return not_found();
        return std::move(*row);
    };
    auto row = co_await view_.read<ArticleRow>(context.deadline, std::move(work));
    if (!row) co_return row.error();
    if (row->article.status == Status::draft && !may_act(context.actor, row->created_by))
        co_return not_found();
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
    auto work = [this, ids = std::move(ids)](
                    database::ReadTransaction& transaction) -> base::Result<Articles> {
        return ArticleStore(transaction, active_slot(transaction), news_type_).several(ids);
    };
    co_return co_await view_.read<Articles>(context.deadline, std::move(work));
}

base::Task<Articles> QueryService::page(std::int64_t page, std::int64_t limit,
                                        base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, page,
                 limit](database::ReadTransaction& transaction) -> base::Result<Articles> {
        ArticleStore store(transaction, active_slot(transaction), news_type_);
        return store.page((page - 1) * limit, limit);
    };
    co_return co_await view_.read<Articles>(context.deadline, std::move(work));
}

base::Task<Articles> QueryService::list(std::optional<ListCursor> after, std::int64_t limit,
                                        base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<Articles> {
        return ArticleStore(transaction, active_slot(transaction), news_type_).list(after, limit);
    };
    co_return co_await view_.read<Articles>(context.deadline, std::move(work));
}

base::Task<Articles> QueryService::tagged(std::string tag, std::optional<ListCursor> after,
                                          std::int64_t limit, base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, tag = std::move(tag), after = std::move(after),
                 limit](database::ReadTransaction& transaction) -> base::Result<Articles> {
        ArticleStore store(transaction, active_slot(transaction), news_type_);
        return store.tagged(tag, after, limit);
    };
    co_return co_await view_.read<Articles>(context.deadline, std::move(work));
}

base::Task<std::vector<ListCursor>> QueryService::places(PlacesQuestion question,
                                                         base::Context context) const {
    using Places = std::vector<ListCursor>;
    auto there = ready(question.filter);
    if (!there) co_return there.error();
    auto work = [this, question = std::move(question)](
                    database::ReadTransaction& transaction) -> base::Result<Places> {
        return read_places(transaction, active_slot(transaction), news_type_, question);
    };
    co_return co_await view_.read<Places>(context.deadline, std::move(work));
}

base::Task<std::int64_t> QueryService::count(ListFilter filter, base::Context context) const {
    auto there = ready(filter);
    if (!there) co_return there.error();
    if (filter.tag.empty() && filter.author.empty()) {
        auto all = co_await counts(std::move(context));
        if (!all) co_return all.error();
        co_return all->published;
    }
    auto look = [filter](database::ReadTransaction& transaction) -> base::Result<ListCount> {
        return read_list_count(transaction, active_slot(transaction), filter);
    };
    auto known = co_await view_.read<ListCount>(context.deadline, std::move(look));
    if (!known) co_return known.error();
    if (known->exact) co_return known->articles;
    auto keep = [filter](database::Transaction& transaction) -> base::Result<std::int64_t> {
        return keep_list_count(transaction, active_slot(transaction), filter);
    };
    co_return co_await view_.write<std::int64_t>(context.deadline, 0, std::move(keep));
}

base::Task<SlugMatch> QueryService::by_slug(std::string slug, base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [slug = std::move(slug)](
                    database::ReadTransaction& transaction) -> base::Result<SlugMatch> {
        auto match = find_by_slug(transaction, active_slot(transaction), slug);
        if (!match) return not_found();
        return *match;
    };
    co_return co_await view_.read<SlugMatch>(context.deadline, std::move(work));
}

base::Task<ArticleId> QueryService::by_legacy_id(std::string legacy_id,
                                                 base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [legacy_id = std::move(legacy_id)](
                    database::ReadTransaction& transaction) -> base::Result<ArticleId> {
        auto id = find_by_legacy_id(transaction, active_slot(transaction), legacy_id);
        if (!id) return not_found();
        return *id;
    };
    co_return co_await view_.read<ArticleId>(context.deadline, std::move(work));
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
    using Found = std::optional<ArticleStore::Standing>;
    auto work = [this, id](database::ReadTransaction& transaction) -> base::Result<Found> {
        return ArticleStore(transaction, active_slot(transaction), news_type_).standing(id);
    };
    auto standing = co_await view_.read<Found>(context.deadline, std::move(work));
    if (!standing) co_return standing.error();
    std::optional<ArticleState> state;
    if (*standing) {
        state.emplace();
        state->status = (*standing)->status;
        state->created_by = (*standing)->created_by;
    }
    co_return admit(state, context.actor, true);
}

base::Task<HistoryPage> QueryService::history(ArticleId id, HistoryQuestion question,
                                              base::Context context) const {
    auto admitted = co_await admit_to_past(id, context);
    if (!admitted) co_return admitted.error();
    auto work = [id,
                 question](database::ReadTransaction& transaction) -> base::Result<HistoryPage> {
        if (current_version(transaction, id) == 0) return not_found();
        auto read = [&]() -> base::Result<HistoryPage> {
            return read_history(transaction, id, question);
        };
        return unless_damaged<HistoryPage>(id, read);
    };
    co_return co_await commands_.read<HistoryPage>(context.deadline, std::move(work));
}

base::Task<Article> QueryService::at_version(ArticleId id, FindVersion find, const char* missing,
                                             base::Context context) const {
    auto admitted = co_await admit_to_past(id, context);
    if (!admitted) co_return admitted.error();
    auto work = [this, id, find = std::move(find),
                 missing](database::ReadTransaction& transaction) -> base::Result<Article> {
        if (current_version(transaction, id) == 0) return not_found();
        auto read = [&]() -> base::Result<Article> {
            auto state = read_state(transaction, id, find(transaction));
            if (!state) return version_not_found(missing);
            auto content = read_content(transaction, *state);
            return article_of(std::move(*state), std::move(content), news_type_);
        };
        return unless_damaged<Article>(id, read);
    };
    co_return co_await commands_.read<Article>(context.deadline, std::move(work));
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
