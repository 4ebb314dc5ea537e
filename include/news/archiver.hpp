#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"

namespace news {

/// What is to be archived.
struct ArchiveWish {
    base::Time before{};   ///< published articles to which nothing has happened since then
    bool dry_run = false;  ///< only counted
};

/// What was archived, or would be.
struct ArchiveReport {
    std::int64_t articles = 0;
    std::int64_t events = 0;
    std::int64_t bytes = 0;    ///< of what their events say
    std::int64_t moved = 0;    ///< were archived before, as in a folder that was restored
    std::int64_t skipped = 0;  ///< too much history, or damaged
    bool stopped = false;      ///< before the end
};

/// Moves old articles of one news type from its log and its view to archives, and back. An archived
/// article is read by its id and its names, at every version, as before; it is in no list. Whoever
/// changes one brings it back by that. Thread-safe, but for one archive() at a time.
class Archiver {
public:
    virtual ~Archiver() = default;

    /// A few articles at a time: whoever writes meanwhile waits for one of those writes at most.
    /// Ended at any moment, it leaves each article where it was or archived, and the next one goes
    /// on. `progress(done, total)` in articles, on the caller's executor. Refused with `too_recent`
    /// (invalid), `view_busy` (unavailable) while the view is made anew, and as
    /// database::Database::read and write are. For a thread of its own: opening a store blocks.
    virtual base::Task<ArchiveReport> archive(
        ArchiveWish wish, std::function<void(std::int64_t, std::int64_t)> progress,
        const std::atomic<bool>& stop) = 0;

    /// Brings an article back to where it was, lists and all; nothing if it is not archived.
    /// Refused with `archive_unreadable`, `view_busy`, and as database::Database::read and write
    /// are.
    virtual base::Task<void> bring_back(ArticleId id, base::Context context) = 0;
};

}  // namespace news
