#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"

namespace editing {

/// An article by its type and id.
struct ArticleName {
    std::string news_type;
    news::ArticleId id = 0;

    auto operator<=>(const ArticleName&) const = default;
};

/// What a user has written and not saved yet. Nobody else sees it.
struct WorkingCopy {
    ArticleName article;
    news::Version base_version = 0;  ///< the version that it was begun on
    base::Time saved_at{};
    std::string members;  ///< a JSON object: what a PUT of the article would have; not checked
};

/// What somebody said about an article to those who work on it. Readers never see it.
struct Note {
    std::int64_t id = 0;
    std::optional<std::int64_t> user{};
    base::Time at{};
    std::string text;  ///< 1 to 2,000 characters
};

/// Somebody who has the article open.
struct Present {
    std::int64_t user = 0;
    base::Time since{};
    base::Time seen{};

    bool operator==(const Present&) const = default;
};

/// Others have the article open than before; those who have, the longest first.
struct PresenceChanged {
    ArticleName article;
    std::vector<Present> people;
};

/// Shows one article, whatever its state, to whoever has the token.
struct PreviewLink {
    std::string token;
    base::Time expires_at{};
};

/// An article as a preview link shows it.
struct Preview {
    news::Article article;
    base::Time expires_at{};
};

/// The work on articles that is no part of them. Who asks must be one who may change the article:
/// its author, or an editor. Thread-safe.
///
/// Refused: `news_not_found` (also for what the actor may not know of), `forbidden` (another
/// author's published article), `unknown_news_type`, `needs_user` (nobody has a working copy or is
/// present without being somebody), `too_many_working_copies`, `too_many_notes`,
/// `invalid_note`, `idempotency_key_reused`, `presence_full`,
/// `preview_not_found`, and as database::Database is.
class Desk {
public:
    virtual ~Desk() = default;

    /// Keeps it instead of the one before. It is gone once its user saves the article, or the
    /// article is removed.
    virtual base::Task<WorkingCopy> keep(WorkingCopy copy, base::Context context) = 0;
    virtual base::Task<std::optional<WorkingCopy>> working_copy(ArticleName article,
                                                                base::Context context) = 0;
    /// Succeeds where there is none, too.
    virtual base::Task<void> discard(ArticleName article, base::Context context) = 0;
    /// The actor's own, the newest first, without their members.
    virtual base::Task<std::vector<WorkingCopy>> working_copies(base::Context context) = 0;

    virtual base::Task<Note> add_note(ArticleName article, std::string text,
                                      base::Command command) = 0;
    /// At most `limit` with ids below `before`, the newest first.
    virtual base::Task<std::vector<Note>> notes(ArticleName article,
                                                std::optional<std::int64_t> before,
                                                std::int64_t limit, base::Context context) = 0;
    /// By who wrote it, or an editor. Succeeds where there is no such note, too.
    virtual base::Task<void> remove_note(ArticleName article, std::int64_t note,
                                         base::Context context) = 0;

    /// The actor has the article open now; gives everybody who has, the longest first.
    virtual base::Task<std::vector<Present>> arrive(ArticleName article, base::Context context) = 0;
    virtual base::Task<std::vector<Present>> present(ArticleName article,
                                                     base::Context context) = 0;
    virtual base::Task<void> leave(ArticleName article, base::Context context) = 0;

    /// Good for `hours`, or as configured.
    virtual base::Task<PreviewLink> link(ArticleName article, std::optional<std::int64_t> hours,
                                         base::Context context) = 0;
    /// Ends all links to the article that there are.
    virtual base::Task<void> end_links(ArticleName article, base::Context context) = 0;
    /// Ends all links there are, by a new key.
    virtual base::Task<void> end_all_links(base::Context context) = 0;
    /// What a link shows now, to anybody.
    virtual base::Task<Preview> preview(std::string token, base::Context context) = 0;
};

}  // namespace editing
