#include "article_inbox.hpp"

#include "telemetry/log.hpp"

namespace recommendation {

namespace {

constexpr std::int64_t hidden_at_once = 200;

/// Hides some of the articles behind that id. Gives the id of the last one; nothing: there was
/// none.
std::optional<news::ArticleId> hide_some(database::Transaction& transaction,
                                         const std::string& news_type, news::ArticleId after,
                                         base::Time now, const Committed& committed) {
    std::int64_t last = 0;
    auto articles = LogStore(transaction).articles(news_type, after, hidden_at_once);
    for (const auto& name : articles) {
        auto known = LogStore(transaction).article(name);
        if (known && known->is_public) last = LogWriter(transaction).put_article(name, {}, now);
    }
    if (last > 0) transaction.after_commit([committed, last] { committed(last); });
    if (articles.empty()) return std::nullopt;
    return articles.back().id;
}

}  // namespace

void ArticleProjector::apply(database::Transaction& transaction,
                             std::span<const bus::Event> events) {
    std::int64_t last = 0;
    for (const auto& event : events) {
        ArticleName name{news_type_, event.stream};
        auto before = LogStore(transaction).article(name);
        auto said = news::article_event(event);
        auto article = after(before, said);
        if (before == article) continue;
        last = LogWriter(transaction).put_article(name, article, event.recorded_at);
    }
    if (last > 0) transaction.after_commit([committed = committed_, last] { committed(last); });
}

base::Task<bus::Cursor> ArticleInbox::begin_anew(const bus::Feed& feed) {
    telemetry::log(telemetry::Level::warning, "recommendation",
                   "a log has another history: what can be recommended is heard anew",
                   {{"type", news_type_}, {"events", feed.head().value()}});
    using Last = std::optional<news::ArticleId>;
    for (Last last = news::ArticleId{0}; last;) {
        auto work = [this,
                     after = *last](database::Transaction& transaction) -> base::Result<Last> {
            return hide_some(transaction, news_type_, after, clock_.now(), committed_);
        };
        auto hidden = co_await database_.write<Last>(base::Deadline(), 0, std::move(work));
        if (!hidden) co_return hidden.error();
        last = *hidden;
    }
    co_return co_await StoreInbox::begin_anew(feed);
}

}  // namespace recommendation
