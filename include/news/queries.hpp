#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"
#include "news/list_part.hpp"

namespace news {

/// One member that an event changed, both values as JSON text (`null` where there was none).
struct Change {
    std::string member;
    std::string before;
    std::string after;
};

/// Of what state the answers of one news type are: another one, other answers. Compared, never
/// ordered.
struct Generation {
    std::int64_t view = 0;      ///< which view it is: a rebuilt one is another
    std::int64_t position = 0;  ///< up to where of the log it goes

    bool operator==(const Generation&) const = default;
};

/// One event of an article, as its readers see it.
struct HistoryEntry {
    Version version = 0;
    std::string type;
    std::optional<std::int64_t> actor{};
    base::Time at{};
    std::vector<Change> changes;
    bool content_left_out = false;  ///< it changed the content, which `changes` does not tell
    std::string note{};             ///< what was said with an editorial step
};

/// Which part of a history.
struct HistoryQuestion {
    Version after = 0;         ///< what follows this version
    std::int64_t limit = 100;  ///< at most so many entries
    /// Whether changed content is told. Nothing: if that is not much.
    std::optional<bool> content{};
};

/// Part of a history, oldest first.
struct HistoryPage {
    std::vector<HistoryEntry> entries;
    std::optional<Version> next{};  ///< where the next part goes on (`after`), if there is one
};

/// How many articles are in each state.
struct StateCounts {
    std::int64_t draft = 0;      ///< also in review, or approved
    std::int64_t scheduled = 0;  ///< drafts that have a time, and what is under embargo
    std::int64_t published = 0;
    std::int64_t removed = 0;  ///< also killed

    bool operator==(const StateCounts&) const = default;
};

/// What one may ask of one news type. Lists hold published articles only. Thread-safe.
/// Refused: `news_not_found` (also for what the actor may not know of), `killed` (with the notice),
/// `forbidden` (the history of another author's article), `version_not_found`, `too_many_ids`, and
/// as database::Database::read is.
class Queries {
public:
    virtual ~Queries() = default;

    /// Changes whenever the answer to any list or `article` may have changed. Read it *before*
    /// asking: an answer made later can only be newer than this says. Nothing: it is not known now,
    /// so no answer may be kept.
    virtual std::optional<Generation> generation() const = 0;

    /// Drafts only for those who may act on them; a removed one for nobody.
    virtual base::Task<Article> article(ArticleId id, base::Context context) const = 0;
    /// Those of the ids that are published, in the order of the ids. At most several_max.
    virtual base::Task<std::vector<Article>> several(std::vector<ArticleId> ids,
                                                     base::Context context) const = 0;
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

    /// Where the published articles stand in their list, in its order, without reading any of them:
    /// for what shows several types as one list, or a page in the middle. See several().
    virtual base::Task<std::vector<ListCursor>> places(PlacesQuestion question,
                                                       base::Context context) const = 0;
    /// The articles at these places, of one moment.
    virtual base::Task<std::vector<Article>> part(PlacesQuestion question, Contents contents,
                                                  base::Context context) const = 0;
    /// How many articles such a list has. A short one is counted; of a long one the number is kept
    /// from the first time that somebody asks on. Refused with `not_counted_yet` (unavailable).
    virtual base::Task<std::int64_t> count(ListFilter filter, base::Context context) const = 0;
    /// Whether there are lists by author: else a filter by one is refused, with `no_author_lists`.
    virtual bool lists_authors() const = 0;

    /// Which article has that slug now, or else had it once; but a published one comes before a
    /// draft, and that before a removed one. The newest of several, since imported slugs may
    /// repeat. Whether the actor may see it article() says. Refused with `news_not_found`.
    virtual base::Task<SlugMatch> by_slug(std::string slug, base::Context context) const = 0;
    /// The same for where it was imported from: `model:pk`.
    virtual base::Task<ArticleId> by_legacy_id(std::string legacy_id,
                                               base::Context context) const = 0;
    /// Where a removed article went; nothing if nowhere.
    virtual base::Task<std::optional<MovedTo>> moved_to(ArticleId id,
                                                        base::Context context) const = 0;

    /// Kept with each change, so asking costs the same for any number of articles. Whoever asks has
    /// checked that the actor may know. Refused with `not_counted_yet` (unavailable).
    virtual base::Task<StateCounts> counts(base::Context context) const = 0;

    /// In parts, so that a long history costs no more at once than a short one.
    virtual base::Task<HistoryPage> history(ArticleId id, HistoryQuestion question,
                                            base::Context context) const = 0;
    virtual base::Task<Article> version(ArticleId id, Version version,
                                        base::Context context) const = 0;
    /// As it was at the end of `time`'s millisecond.
    virtual base::Task<Article> as_of(ArticleId id, base::Time time,
                                      base::Context context) const = 0;
};

}  // namespace news
