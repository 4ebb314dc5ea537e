#include "view_preparation_service.hpp"

#include "block_store.hpp"
#include "count_store.hpp"
#include "list_store.hpp"
#include "month_store.hpp"
#include "name_store.hpp"
#include "telemetry/log.hpp"
#include "version_store.hpp"

namespace news {

namespace {

using Articles = std::vector<Unnamed>;
using States = std::vector<ArticleState>;

/// So many articles from before slugs are given one at once.
constexpr std::int64_t named_at_once = 500;

/// Before the first event is applied: what was not counted from the beginning is never right.
base::Task<void> fill_view_counts(ViewToPrepare wanted) {
    auto look = [](database::ReadTransaction& transaction) -> base::Result<bool> {
        auto slot = active_slot(transaction);
        return has_blocks(transaction, slot) && read_counts(transaction, slot) &&
               read_months(transaction, slot);
    };
    auto known = co_await wanted.view.read<bool>(base::Deadline(), std::move(look));
    if (!known) co_return known.error();
    if (*known) co_return base::Result<void>();
    auto work = [](database::Transaction& transaction) -> base::Result<void> {
        auto slot = active_slot(transaction);
        arrange_articles(transaction, slot);
        fill_counts(transaction, slot);
        fill_blocks(transaction, slot);
        fill_months(transaction, slot);
        return {};
    };
    co_return co_await wanted.view.write<void>(base::Deadline(), 0, std::move(work));
}

/// The view may be behind: what its log says beyond comes as to every view.
base::Task<States> states_of(ViewToPrepare wanted, Articles articles) {
    auto read = [articles =
                     std::move(articles)](database::ReadTransaction& log) -> base::Result<States> {
        States states;
        for (const auto& [id, version] : articles) {
            auto state = read_state(log, id, version);
            if (state) states.push_back(std::move(*state));
        }
        return states;
    };
    co_return co_await wanted.log.read<States>(base::Deadline(), std::move(read));
}

/// Gives the articles of the time before slugs theirs, a few at a time.
base::Task<void> name_articles(ViewToPrepare wanted) {
    auto ask = [](database::ReadTransaction& view) -> base::Result<bool> {
        return names_are_filled(view);
    };
    auto filled = co_await wanted.view.read<bool>(base::Deadline(), std::move(ask));
    if (!filled) co_return filled.error();
    ArticleId last = 0;
    for (bool more = !*filled; more;) {
        auto look = [last](database::ReadTransaction& view) -> base::Result<Articles> {
            return unnamed(view, active_slot(view), last, named_at_once);
        };
        auto articles = co_await wanted.view.read<Articles>(base::Deadline(), std::move(look));
        if (!articles) co_return articles.error();
        more = !articles->empty();
        if (more) last = articles->back().id;
        auto states = co_await states_of(wanted, std::move(*articles));
        if (!states) co_return states.error();
        auto work = [named = std::move(*states),
                     more](database::Transaction& view) -> base::Result<void> {
            auto slot = active_slot(view);
            for (const auto& state : named) put_names(view, slot, state);
            if (!more) note_names_filled(view);
            return {};
        };
        auto put = co_await wanted.view.write<void>(base::Deadline(), 0, std::move(work));
        if (!put) co_return put.error();
    }
    co_return base::Result<void>();
}

base::Task<void> list_by_author(ViewToPrepare wanted) {
    auto work =
        [lists = wanted.author_lists](database::Transaction& transaction) -> base::Result<void> {
        keep_author_lists(transaction, active_slot(transaction), lists);
        return {};
    };
    co_return co_await wanted.view.write<void>(base::Deadline(), 0, std::move(work));
}

bool is_done(const base::Result<void>& result, const char* otherwise, const std::string& type) {
    if (!result) {
        telemetry::log(telemetry::Level::warning, "news", otherwise,
                       {{"type", type}, {"error", result.error().code}});
    }
    return result.has_value();
}

}  // namespace

base::Task<bool> prepare_view(ViewToPrepare wanted) {
    auto counted = co_await fill_view_counts(wanted);
    is_done(counted, "the articles are not counted", wanted.news_type);
    auto named = co_await name_articles(wanted);
    is_done(named, "not all articles have a slug yet", wanted.news_type);
    auto listed = co_await list_by_author(wanted);
    co_return is_done(listed, "the lists by author are as they were", wanted.news_type);
}

}  // namespace news
