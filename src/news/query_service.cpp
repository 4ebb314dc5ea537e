#include "query_service.hpp"

#include "article.hpp"
#include "article_store.hpp"
#include "event_json.hpp"

namespace news {

namespace {

using Articles = std::vector<Article>;

base::Error version_not_found() {
    return {base::Reason::not_found, "version_not_found", "This news item has no such version."};
}

}  // namespace

QueryService::QueryService(database::Database& view, const bus::Log& log,
                           const base::Watermark& applied, const base::Clock& clock,
                           std::string news_type)
    : view_(view), log_(log), applied_(applied), clock_(clock), news_type_(std::move(news_type)) {}

std::int64_t QueryService::generation() const {
    // Positions stay far below 2^48; a replaced view is a new generation at the same position.
    return applied_.value() + (replaced_.load(std::memory_order_acquire) << 48);
}

base::Result<void> QueryService::ready() const {
    if (fits_.load(std::memory_order_acquire)) return {};
    return base::Error{base::Reason::unavailable, "view_rebuilding",
                       "The view of " + news_type_ +
                           " does not fit its log and is being made anew. Try again in a moment."};
}

base::Task<Article> QueryService::article(ArticleId id, base::Context context) const {
    auto there = ready();
    if (!there) co_return there.error();
    auto work = [this, id](database::ReadTransaction& transaction) -> base::Result<Article> {
        auto article = ArticleStore(transaction, active_slot(transaction), news_type_).find(id);
        if (!article || article->status == Status::removed) return not_found();
        return std::move(*article);
    };
    auto article = co_await view_.read<Article>(context.deadline, std::move(work));
    if (!article) co_return article.error();
    if (article->status == Status::draft && !may_act(context.actor, *article))
        co_return not_found();
    co_return std::move(*article);
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

base::Task<QueryService::Stream> QueryService::stream(ArticleId id, base::Context context) const {
    auto events = co_await log_.stream(id, context.deadline);
    if (!events) co_return events.error();
    Stream history;
    for (const auto& event : *events) history.push_back(recorded_of(event));
    auto admitted = admit(fold(id, history), context.actor, true);
    if (!admitted) co_return admitted.error();
    co_return std::move(history);
}

base::Task<std::vector<HistoryEntry>> QueryService::history(ArticleId id,
                                                            base::Context context) const {
    auto recorded = co_await stream(id, std::move(context));
    if (!recorded) co_return recorded.error();
    std::vector<HistoryEntry> entries;
    std::optional<Article> before;
    for (const auto& event : *recorded) {
        auto after = apply(before.value_or(Article{}), id, event);
        HistoryEntry entry{
            event.version, std::string(name_of(event.event)), event.actor, event.at, {}};
        for (auto& [member, values] : differences(before ? &*before : nullptr, after)) {
            entry.changes.push_back({member, values.first, values.second});
        }
        entries.push_back(std::move(entry));
        before = std::move(after);
    }
    co_return std::move(entries);
}

base::Task<Article> QueryService::version(ArticleId id, Version version,
                                          base::Context context) const {
    auto recorded = co_await stream(id, std::move(context));
    if (!recorded) co_return recorded.error();
    if (version < 1 || version > std::ssize(*recorded)) co_return version_not_found();
    auto article = *fold(id, *recorded, version);
    article.news_type = news_type_;
    co_return std::move(article);
}

base::Task<Article> QueryService::as_of(ArticleId id, base::Time time,
                                        base::Context context) const {
    auto recorded = co_await stream(id, std::move(context));
    if (!recorded) co_return recorded.error();
    auto end = std::chrono::floor<std::chrono::milliseconds>(time) + std::chrono::milliseconds(1);
    auto last = version_at(*recorded, end, clock_.now());
    if (last == 0) {
        co_return base::Error{base::Reason::not_found, "version_not_found",
                              "This news item did not exist at that time."};
    }
    auto article = *fold(id, *recorded, last);
    article.news_type = news_type_;
    co_return std::move(article);
}

}  // namespace news
