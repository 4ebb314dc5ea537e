#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"

namespace news {

/// A place in the order of lists: newest publication first, then larger id, then type by name.
struct ListCursor {
    base::Time published_at{};
    ArticleId id = 0;
    std::string news_type;
};

/// One member that an event changed, both values as JSON text (`null` where there was none).
struct Change {
    std::string member;
    std::string before;
    std::string after;
};

/// One event of an article, as its readers see it.
struct HistoryEntry {
    Version version = 0;
    std::string type;
    std::optional<std::int64_t> actor{};
    base::Time at{};
    std::vector<Change> changes;
};

/// What one may ask of one news type. Lists hold published articles only. Thread-safe.
/// Refused: `news_not_found` (also for what the actor may not know of), `forbidden` (the history of
/// another author's article), `version_not_found`, and as database::Database::read is.
class Queries {
public:
    virtual ~Queries() = default;

    /// Changes whenever the answer to any list or `article` may have changed. Read it *before*
    /// asking: an answer made later can only be newer than this says.
    virtual std::int64_t generation() const = 0;

    /// Drafts only for those who may act on them; a removed one for nobody.
    virtual base::Task<Article> article(ArticleId id, base::Context context) const = 0;
    /// Page 1 is the newest `limit`. Empty past the end.
    virtual base::Task<std::vector<Article>> page(std::int64_t page, std::int64_t limit,
                                                  base::Context context) const = 0;
    /// The `limit` articles that follow `after`; from the newest without it. Flat at any depth.
    virtual base::Task<std::vector<Article>> list(std::optional<ListCursor> after,
                                                  std::int64_t limit,
                                                  base::Context context) const = 0;
    virtual base::Task<std::vector<Article>> tagged(std::string tag,
                                                    std::optional<ListCursor> after,
                                                    std::int64_t limit,
                                                    base::Context context) const = 0;

    virtual base::Task<std::vector<HistoryEntry>> history(ArticleId id,
                                                          base::Context context) const = 0;
    virtual base::Task<Article> version(ArticleId id, Version version,
                                        base::Context context) const = 0;
    /// As it was at the end of `time`'s millisecond.
    virtual base::Task<Article> as_of(ArticleId id, base::Time time,
                                      base::Context context) const = 0;
};

}  // namespace news
