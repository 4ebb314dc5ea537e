#pragma once

#include <functional>
#include <memory>
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
                   std::chrono::milliseconds view_wait, std::vector<std::string> embeds,
                   Workflow workflow);

    base::Task<Article> create(NewArticle article, Command command) override;
    base::Task<Article> revise(ArticleId id, Revision revision, Command command) override;
    base::Task<Article> publish(ArticleId id, std::optional<base::Time> at,
                                Command command) override;
    base::Task<Article> unpublish(ArticleId id, Command command) override;
    base::Task<Version> remove(ArticleId id, Command command) override;
    base::Task<Article> restore(ArticleId id, Version version, Command command) override;
    base::Task<Article> take(ArticleId id, Step step, Remark remark, Command command) override;
    base::Task<std::vector<Article>> batch(std::vector<BatchCommand> batch,
                                           Command command) override;
    base::Task<Imported> import(std::vector<ImportItem> items, base::Context context) override;

    /// What is to happen to the article on time, if it has come: a scheduled one is published,
    /// dated as scheduled, an embargo ends, one that has expired is unpublished. Gives the event's
    /// name. Refused with `nothing_due` when that changed meanwhile.
    base::Task<std::string> do_due(ArticleId id, Command command);

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
    /// What is decided of an article as it was loaded: whether the actor may, and on which version.
    base::Result<Event> decide_on(const Loaded& loaded, Step step, const Command& command,
                                  const Decide& decide, base::Time now) const;
    /// What the rules say of a new article, and whether the actor may begin one like that.
    base::Result<CheckedArticle> admit_and_check(NewArticle given, const base::Actor& actor,
                                                 base::Time now) const;
    /// A command of a batch as the store wants it. `dropped` gets what the content has lost, once
    /// that is decided.
    base::Result<EventStore::Together> together(
        BatchCommand one, const Command& command, base::Time now,
        std::shared_ptr<std::vector<Dropped>> dropped) const;
    base::Task<std::vector<Article>> articles_again(std::vector<MadeInBatch> made,
                                                    base::Context context) const;
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
    Workflow workflow_;
};

}  // namespace news
