// What the query service answers of lists.
#include "list_store.hpp"
#include "query_service.hpp"

namespace news {

namespace {

using ListedArticles = std::vector<Article>;

}  // namespace

base::Result<void> QueryService::ready(const ListFilter& filter) const {
    if (filter.author.empty() || lists_authors()) return ready();
    return base::Error{base::Reason::invalid, "no_author_lists",
                       "The items of " + news_type_ +
                           " are not listed by author: the setting news.author_lists says so."};
}

template <class Read>
std::vector<Article> QueryService::read_on(std::optional<ListCursor> after, std::int64_t limit,
                                           Read read) const {
    std::vector<Article> all;
    bool is_end = false;
    while (!is_end && std::ssize(all) < limit) {
        auto wanted = limit - std::ssize(all);
        auto some = read(after, wanted);
        is_end = std::ssize(some) < wanted;
        if (!some.empty()) after = cursor_of(some.back());
        some = in_time(std::move(some));
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
    return all;
}

template <class Read>
base::Task<ListedArticles> QueryService::read_list(base::Context context, Read read) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, read = std::move(read)](
                    database::ReadTransaction& transaction) -> base::Result<ListedArticles> {
        return in_time(read(ArticleStore(transaction, active_slot(transaction), news_type_)));
    };
    co_return co_await view_.read<ListedArticles>(context.deadline, std::move(work));
}

base::Task<ListedArticles> QueryService::page(std::int64_t page, std::int64_t limit,
                                              base::Context context) const {
    auto read = [page, limit](const ArticleStore& store) {
        return store.page((page - 1) * limit, limit);
    };
    return read_list(std::move(context), std::move(read));
}

base::Task<ListedArticles> QueryService::list(std::optional<ListCursor> after, std::int64_t limit,
                                              base::Context context) const {
    auto read = [this, after = std::move(after), limit](const ArticleStore& store) {
        auto next = [&](auto& from, auto wanted) { return store.list(from, wanted); };
        return read_on(after, limit, next);
    };
    return read_list(std::move(context), std::move(read));
}

base::Task<ListedArticles> QueryService::tagged(std::string tag, std::optional<ListCursor> after,
                                                std::int64_t limit, base::Context context) const {
    auto read = [this, tag = std::move(tag), after = std::move(after),
                 limit](const ArticleStore& store) {
        auto next = [&](auto& from, auto wanted) { return store.tagged(tag, from, wanted); };
        return read_on(after, limit, next);
    };
    return read_list(std::move(context), std::move(read));
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

base::Task<ListedArticles> QueryService::part(PlacesQuestion question, Contents contents,
                                              base::Context context) const {
    auto there = ready(question.filter);
    if (!there) co_return there.error();
    auto work = [this, question = std::move(question),
                 contents](database::ReadTransaction& transaction) -> base::Result<ListedArticles> {
        auto slot = active_slot(transaction);
        ArticleStore store(transaction, slot, news_type_);
        auto rest = question;
        auto next = [&](auto& from, auto wanted) {
            rest.from = from;
            rest.limit = wanted;
            std::vector<ArticleId> ids;
            for (const auto& place : read_places(transaction, slot, news_type_, rest)) {
                ids.push_back(place.id);
            }
            rest.skip = 0;
            return store.several(ids, contents);
        };
        return read_on(question.from, question.limit, next);
    };
    co_return co_await view_.read<ListedArticles>(context.deadline, std::move(work));
}

base::Task<std::int64_t> QueryService::count(ListFilter filter, base::Context context) const {
    auto there = ready(filter);
    if (!there) co_return there.error();
    if (filter.tag.empty() && filter.author.empty() && filter.language.empty()) {
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

}  // namespace news
