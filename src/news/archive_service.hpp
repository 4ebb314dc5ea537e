#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "archived_store.hpp"
#include "archives_service.hpp"
#include "base/turn.hpp"
#include "bus/archive.hpp"
#include "database/database.hpp"
#include "news/archiver.hpp"

namespace news {

/// What an archiver works on; all that it refers to outlives it.
struct ArchiveParts {
    database::Database& commands;
    database::Database& view;
    Archives& archives;
    const base::Clock& clock;
    std::string news_type;
    base::Turn::Taken view_turn;  ///< of whoever makes a view, or what stands in it, anew
    std::function<bool()> view_fits;
    std::function<void()> view_changed;  ///< pages that were made from it are stale
};

/// Articles go a few at a time:
///
///   copy   events and states into the archive, committed and synced
///   prove  read them again from there, each against the chain
///   move   in one transaction of the log: what look-ups need, the mark, a debt of the view, and
///          the bodies are gone. Refused for an article that was changed since the copy
///   list   out of the view; then the debt is paid
///
/// A kill leaves the article in the log (and a copy that nobody looks at), or archived with a debt,
/// which settle() pays. Bringing back has its debt first: whatever it leaves, the mark says what
/// the view should have.
class ArchiveService final : public Archiver {
public:
    explicit ArchiveService(ArchiveParts parts) : parts_(std::move(parts)) {}

    base::Task<ArchiveReport> archive(ArchiveWish wish,
                                      std::function<void(std::int64_t, std::int64_t)> progress,
                                      const std::atomic<bool>& stop) override;
    base::Task<void> bring_back(ArticleId id, base::Context context) override;

    /// Has the view show what it should after a run that was cut off.
    base::Task<void> settle();

private:
    using Tell = std::function<void(std::int64_t, std::int64_t)>;
    using Ids = std::vector<ArticleId>;
    using LinkedEvents = std::shared_ptr<const std::vector<bus::LinkedEvent>>;

    /// An article of which a change is not to be missed.
    struct Candidate {
        ArticleId id = 0;
        Version version = 0;
    };
    using Candidates = std::vector<Candidate>;
    /// One on its way.
    struct Moving {
        ArchivedArticle article;
        std::string archive;
        std::vector<bus::LinkedEvent> events;
        std::int64_t bytes = 0;
        bool is_marked = false;
    };
    struct Part {
        std::vector<Moving> articles;
        std::size_t looked_at = 0;  ///< candidates, from the first on
        std::int64_t skipped = 0;
    };
    using Shared = std::shared_ptr<const Part>;
    using Turn = std::unique_ptr<base::Turn>;

    base::Task<Turn> turn() const;
    base::Task<void> pause(std::chrono::milliseconds span) const;
    base::Task<void> archive_all(ArchiveWish wish, Tell progress, const std::atomic<bool>& stop,
                                 ArchiveReport& report);
    base::Task<void> move_marked(bool dry_run, const std::atomic<bool>& stop,
                                 ArchiveReport& report);
    base::Task<void> move_all(Candidates candidates, bool dry_run, const std::atomic<bool>& stop,
                              ArchiveReport& report);
    base::Task<Candidates> old_articles(ArticleId& last, std::int64_t& looked_at,
                                        base::Time before);
    base::Task<Candidates> marked(ArticleId& last);
    base::Task<Shared> load(Candidates candidates) const;
    base::Task<void> move(Shared part, ArchiveReport& report);
    base::Task<void> copy(Shared part, std::string archive);
    base::Task<void> prove(Shared part, std::string archive, database::Database& store) const;
    base::Task<Ids> take(Shared part);
    base::Task<void> unlist(Ids ids);
    base::Task<void> pay(Ids ids);

    base::Task<void> bring_back_now(ArticleId id, base::Deadline deadline);
    base::Task<LinkedEvents> events_of(ArticleId id, base::Deadline deadline) const;
    base::Task<void> list(LinkedEvents events, base::Deadline deadline);

    const ArchiveParts parts_;
    std::atomic<int> waiting_{0};  ///< for a turn in which to bring one back: archiving gives way
};

}  // namespace news
