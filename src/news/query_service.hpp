#pragma once

#include <atomic>
#include <string>

#include "base/watermark.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "news/queries.hpp"

namespace news {

/// Reads the view, and for history the log. Thread-safe.
class QueryService final : public Queries {
public:
    QueryService(database::Database& view, const bus::Log& log, const base::Watermark& applied,
                 const base::Clock& clock, std::string news_type);

    std::int64_t generation() const override;
    base::Task<Article> article(ArticleId id, base::Context context) const override;
    base::Task<std::vector<Article>> page(std::int64_t page, std::int64_t limit,
                                          base::Context context) const override;
    base::Task<std::vector<Article>> list(std::optional<ListCursor> after, std::int64_t limit,
                                          base::Context context) const override;
    base::Task<std::vector<Article>> tagged(std::string tag, std::optional<ListCursor> after,
                                            std::int64_t limit,
                                            base::Context context) const override;
    base::Task<std::vector<HistoryEntry>> history(ArticleId id,
                                                  base::Context context) const override;
    base::Task<Article> version(ArticleId id, Version version,
                                base::Context context) const override;
    base::Task<Article> as_of(ArticleId id, base::Time time, base::Context context) const override;

    /// The view was replaced by another: every page made from the old one is stale.
    void view_replaced() { replaced_.fetch_add(1, std::memory_order_acq_rel); }
    /// What the view says is not what its log says: until it is made anew, questions to it are
    /// refused with `view_rebuilding` (unavailable).
    void view_fits(bool fits) { fits_.store(fits, std::memory_order_release); }

private:
    using Stream = std::vector<struct Recorded>;
    base::Task<Stream> stream(ArticleId id, base::Context context) const;
    base::Result<void> ready() const;

    database::Database& view_;
    const bus::Log& log_;
    const base::Watermark& applied_;
    const base::Clock& clock_;
    std::string news_type_;
    std::atomic<bool> fits_{true};
    std::atomic<std::int64_t> replaced_{0};
};

}  // namespace news
