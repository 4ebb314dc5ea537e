#pragma once

#include <functional>
#include <optional>

#include "article.hpp"
#include "base/watermark.hpp"
#include "event_store.hpp"
#include "news/archiver.hpp"
#include "news/commands.hpp"
#include "news/importer.hpp"

namespace news {

/// Load, decide, append, and wait a moment for the view. Thread-safe.
class CommandService final : public Commands {
public:
    /// `archiver`: brings back what is changed. `applied`: how far the view is. `view_wait`: how
    /// long an answer waits for it. `embeds`: see clean_html().
    CommandService(EventStore& store, Importer& importer, Archiver& archiver,
                   base::Watermark& applied, const base::Clock& clock, std::string news_type,
                   std::chrono::milliseconds view_wait, std::vector<std::string> embeds);

    base::Task<Article> create(NewArticle article, Command command) override;
    base::Task<Article> revise(ArticleId id, Revision revision, Command command) override;
    base::Task<Article> publish(ArticleId id, std::optional<base::Time> at,
                                Command command) override;
    base::Task<Article> unpublish(ArticleId id, Command command) override;
    base::Task<Version> remove(ArticleId id, Command command) override;
    base::Task<Article> restore(ArticleId id, Version version, Command command) override;
    base::Task<Imported> import(std::vector<ImportItem> items, base::Context context) override;

    /// Publishes a scheduled article whose time has come, dated as scheduled; gives its version.
    /// Refused with `not_scheduled` when that changed meanwhile.
    base::Task<Version> publish_due(ArticleId id, Command command);

private:
    using Loaded = EventStore::Loaded;
    using Needs = EventStore::Needs;
    using Decide = std::function<base::Result<Event>(const Loaded& loaded, base::Time now)>;

    /// What a command has left: the state, and its content where that is known already.
    struct Changed {
        ArticleState state{};
        std::optional<std::string> content{};
    };
    base::Task<Changed> change(ArticleId id, Step step, Command command, Needs needs,
                               Decide decide);
    /// What is changed is brought back from the archive, if the actor may change it at all.
    base::Task<void> bring_back(ArchivedArticle archived, const Command& command, Step step);
    base::Task<Changed> answer_again(bus::AnsweredCall before, base::Context context) const;
    base::Task<Article> article(Changed changed, base::Context context) const;
    base::Task<Article> article_again(bus::AnsweredCall before, base::Context context) const;
    base::Task<Article> change_article(ArticleId id, Step step, Command command, Needs needs,
                                       Decide decide);

    EventStore& store_;
    Importer& importer_;
    Archiver& archiver_;
    base::Watermark& applied_;
    const base::Clock& clock_;
    std::string news_type_;
    std::chrono::milliseconds view_wait_;
    std::vector<std::string> embeds_;
};

}  // namespace news
