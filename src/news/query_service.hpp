#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "archives_service.hpp"
#include "base/watermark.hpp"
#include "database/database.hpp"
#include "name_match.hpp"
#include "news/queries.hpp"

namespace news {

/// Reads the view, for the past the log, and where the log says so an archive. Thread-safe.
class QueryService final : public Queries {
public:
    QueryService(database::Database& view, database::Database& commands, const Archives& archives,
                 const base::Watermark& applied, const base::Clock& clock, std::string news_type,
                 bool author_lists);

    std::optional<Generation> generation() const override;
    base::Task<Article> article(ArticleId id, base::Context context) const override;
    base::Task<std::vector<Article>> several(std::vector<ArticleId> ids,
                                             base::Context context) const override;
    base::Task<std::vector<Article>> page(std::int64_t page, std::int64_t limit,
                                          base::Context context) const override;
    base::Task<std::vector<Article>> list(std::optional<ListCursor> after, std::int64_t limit,
                                          base::Context context) const override;
    base::Task<std::vector<Article>> tagged(std::string tag, std::optional<ListCursor> after,
                                            std::int64_t limit,
                                            base::Context context) const override;
    base::Task<std::vector<ListCursor>> places(PlacesQuestion question,
                                               base::Context context) const override;
    base::Task<std::vector<Article>> part(PlacesQuestion question, Contents contents,
                                          base::Context context) const override;
    base::Task<std::int64_t> count(ListFilter filter, base::Context context) const override;
    bool lists_authors() const override { return author_lists_.load(std::memory_order_acquire); }
    base::Task<SlugMatch> by_slug(std::string slug, base::Context context) const override;
    base::Task<ArticleId> by_legacy_id(std::string legacy_id, base::Context context) const override;
    base::Task<std::optional<MovedTo>> moved_to(ArticleId id, base::Context context) const override;
    base::Task<StateCounts> counts(base::Context context) const override;
    base::Task<HistoryPage> history(ArticleId id, HistoryQuestion question,
                                    base::Context context) const override;
    base::Task<Article> version(ArticleId id, Version version,
                                base::Context context) const override;
    base::Task<Article> as_of(ArticleId id, base::Time time, base::Context context) const override;

    /// They could not be made.
    void lists_authors(bool there_are) {
        author_lists_.store(there_are, std::memory_order_release);
    }
    /// The view was replaced by another: every page made from the old one is stale.
    void view_replaced() { replaced_.fetch_add(1, std::memory_order_acq_rel); }
    /// What the view says is not what its log says: until it is made anew, questions to it are
    /// refused with `view_rebuilding` (unavailable).
    void view_fits(bool fits) { fits_.store(fits, std::memory_order_release); }
    base::Result<void> ready() const;

private:
    /// What has expired a moment ago may still be in the view.
    std::vector<Article> in_time(std::vector<Article> articles) const;
    /// So many articles that are in time: fewer than `limit` only where the list ends. `read` gives
    /// those that follow a cursor.
    template <class Read>
    std::vector<Article> read_on(std::optional<ListCursor> after, std::int64_t limit,
                                 Read read) const;
    /// The articles that `read` gives of the view.
    template <class Read>
    base::Task<std::vector<Article>> read_list(base::Context context, Read read) const;
    /// Ready, and there is such a list.
    base::Result<void> ready(const ListFilter& filter) const;
    /// Refused unless the actor may see earlier states of the article, removed or not. A foreign
    /// draft and nothing at all take the same way, so that the time tells nothing either.
    base::Task<void> admit_to_past(ArticleId id, base::Context context) const;
    /// The article at the version that `find` gives; 0: there was none.
    using FindVersion = std::function<Version(database::ReadTransaction&)>;
    base::Task<Article> at_version(ArticleId id, FindVersion find, const char* missing,
                                   base::Context context) const;
    /// The same for who may see it.
    base::Task<Article> read_version(ArticleId id, FindVersion find, const char* missing,
                                     base::Context context) const;

    /// What `read` gives of the article's events, wherever they are.
    template <class T, class Read>
    base::Task<T> read_past(ArticleId id, base::Context context, Read read) const;
    /// The newest version of one that is in no view.
    base::Task<Article> archived(ArticleId id, base::Context context) const;
    /// Which of the archived articles has a name; `find` is asked on the log.
    using Match = std::optional<NameMatch>;
    template <class Find>
    base::Task<Match> find_archived(base::Context context, Find find) const;

    database::Database& view_;
    database::Database& commands_;
    const Archives& archives_;
    const base::Watermark& applied_;
    const base::Clock& clock_;
    std::string news_type_;
    std::atomic<bool> author_lists_;
    std::atomic<bool> fits_{true};
    std::atomic<std::int64_t> replaced_{0};
};

}  // namespace news
