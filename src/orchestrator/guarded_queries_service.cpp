#include "guarded_queries_service.hpp"

namespace orchestrator {

using base::Context;
using base::Task;
using news::Article;
using news::ArticleId;
using news::Items;
using news::Queries;
using Articles = std::vector<Article>;

Task<Article> GuardedQueriesService::article(ArticleId id, Context context) const {
    return ask(&Queries::article, std::move(context), id);
}

Task<Articles> GuardedQueriesService::several(std::vector<ArticleId> ids, Context context) const {
    return ask(&Queries::several, std::move(context), std::move(ids));
}

Task<Articles> GuardedQueriesService::page(std::int64_t page, std::int64_t limit,
                                           Context context) const {
    return ask(&Queries::page, std::move(context), page, limit);
}

Task<Articles> GuardedQueriesService::list(std::optional<news::ListCursor> after,
                                           std::int64_t limit, Context context) const {
    return ask(&Queries::list, std::move(context), std::move(after), limit);
}

Task<Articles> GuardedQueriesService::tagged(std::string tag, std::optional<news::ListCursor> after,
                                             std::int64_t limit, Context context) const {
    return ask(&Queries::tagged, std::move(context), std::move(tag), std::move(after), limit);
}

Task<std::vector<news::ListCursor>> GuardedQueriesService::places(news::PlacesQuestion question,
                                                                  Context context) const {
    return ask(&Queries::places, std::move(context), std::move(question));
}

Task<Articles> GuardedQueriesService::part(news::PlacesQuestion question, news::Contents contents,
                                           Context context) const {
    return ask(&Queries::part, std::move(context), std::move(question), contents);
}

Task<std::int64_t> GuardedQueriesService::count(news::ListFilter filter, Context context) const {
    return ask(&Queries::count, std::move(context), std::move(filter));
}

Task<news::SlugMatch> GuardedQueriesService::by_slug(std::string slug, Context context) const {
    return ask(&Queries::by_slug, std::move(context), std::move(slug));
}

Task<ArticleId> GuardedQueriesService::by_legacy_id(std::string legacy_id, Context context) const {
    return ask(&Queries::by_legacy_id, std::move(context), std::move(legacy_id));
}

Task<std::optional<news::MovedTo>> GuardedQueriesService::moved_to(ArticleId id,
                                                                   Context context) const {
    return ask(&Queries::moved_to, std::move(context), id);
}

Task<news::StateCounts> GuardedQueriesService::counts(Context context) const {
    return ask(&Queries::counts, std::move(context));
}

Task<news::HistoryPage> GuardedQueriesService::history(ArticleId id, news::HistoryQuestion question,
                                                       Context context) const {
    return ask(&Queries::history, std::move(context), id, std::move(question));
}

Task<Article> GuardedQueriesService::version(ArticleId id, news::Version version,
                                             Context context) const {
    return ask(&Queries::version, std::move(context), id, version);
}

Task<Article> GuardedQueriesService::as_of(ArticleId id, base::Time time, Context context) const {
    return ask(&Queries::as_of, std::move(context), id, time);
}

Task<news::ItemsPage> GuardedQueriesService::items(news::ItemsQuestion question,
                                                   Context context) const {
    return ask_of(*items_, &Items::items, std::move(context), std::move(question));
}

Task<std::vector<news::Item>> GuardedQueriesService::items_by_id(std::vector<ArticleId> ids,
                                                                 Context context) const {
    return ask_of(*items_, &Items::items_by_id, std::move(context), std::move(ids));
}

Task<news::ItemCounts> GuardedQueriesService::item_counts(bool mine, Context context) const {
    return ask_of(*items_, &Items::item_counts, std::move(context), mine);
}

Task<std::vector<news::Heading>> GuardedQueriesService::headings(news::HeadingsQuestion question,
                                                                 Context context) const {
    return ask_of(*headings_, &news::Headings::headings, std::move(context), question);
}

Task<std::vector<news::Month>> GuardedQueriesService::months(Context context) const {
    return ask_of(*headings_, &news::Headings::months, std::move(context));
}

}  // namespace orchestrator
