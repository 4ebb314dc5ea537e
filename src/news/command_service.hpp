#pragma once

#include <functional>
#include <optional>

#include "article.hpp"
#include "base/watermark.hpp"
#include "event_store.hpp"
#include "news/commands.hpp"

namespace news {

/// Load, decide, append, and wait a moment for the view. Thread-safe.
class CommandService final : public Commands {
public:
    /// `applied`: how far the view is. `view_wait`: how long an answer waits for it.
    CommandService(EventStore& store, base::Watermark& applied, const base::Clock& clock,
                   std::string news_type, std::chrono::milliseconds view_wait);

    base::Task<Article> create(NewArticle article, Command command) override;
    base::Task<Article> revise(ArticleId id, Revision revision, Command command) override;
    base::Task<Article> publish(ArticleId id, std::optional<base::Time> at,
                                Command command) override;
    base::Task<Article> unpublish(ArticleId id, Command command) override;
    base::Task<Article> remove(ArticleId id, Command command) override;
    base::Task<Article> restore(ArticleId id, Version version, Command command) override;
    base::Task<Imported> import(std::vector<NewArticle> articles, base::Context context) override;

    /// Publishes a scheduled article whose time has come, dated as scheduled. Refused with
    /// `not_scheduled` when that changed meanwhile.
    base::Task<Article> publish_due(ArticleId id, Command command);

private:
    using History = std::vector<Recorded>;
    using Decide = std::function<base::Result<Event>(const Article& now, const History& history)>;

    base::Task<Article> change(ArticleId id, Command command, bool also_removed, Decide decide);
    base::Task<Article> answer_again(EventStore::Answered before, const Command& command) const;
    Article in_type(Article article) const;

    EventStore& store_;
    base::Watermark& applied_;
    const base::Clock& clock_;
    std::string news_type_;
    std::chrono::milliseconds view_wait_;
};

}  // namespace news
