#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archived_store.hpp"
#include "article.hpp"
#include "batch_rules.hpp"
#include "bus/call_store.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "news/change_guard.hpp"
#include "news/commands.hpp"

namespace news {

/// The truth of one news type: a thin layer above the log that knows expected versions,
/// idempotency keys and slugs. Thread-safe.
class EventStore {
public:
    /// `history_bytes_max`: of one article, see append().
    EventStore(database::Database& database, bus::Log& log, const base::Clock& clock,
               std::int64_t history_bytes_max);

    /// From now on it is asked before each change; see Instance.
    void guard(const ChangeGuard& guard) { guard_ = &guard; }

    /// What a decision needs besides the newest state.
    struct Needs {
        bool content = false;              ///< the present one
        std::optional<Version> earlier{};  ///< this version, with its content
        bool always = false;               ///< append what is decided, however long the history is
    };
    struct Loaded {
        std::optional<ArticleState> state{};
        std::string content{};
        std::optional<ArticleState> earlier{};
        std::string earlier_content{};
        std::optional<Version> answered{};  ///< the version that was the answer to the same call
        /// Then there is nothing else: nobody changes it before it is brought back.
        std::optional<ArchivedArticle> archived{};
    };
    /// Refused with `idempotency_key_reused` if the key came with another body.
    base::Task<Loaded> load(ArticleId id, const Command& command, Needs needs) const;
    /// The content that belongs to a state.
    base::Task<std::string> content(ArticleState state, base::Context context) const;

    /// The same call, if there was one.
    base::Task<std::optional<bus::AnsweredCall>> answered(const Command& command) const;

    struct Appended {
        std::int64_t position = 0;
        ArticleState state{};      ///< after the event
        Event event{};             ///< as it is stored
        bool repeated = false;     ///< another copy of this call was faster: nothing was appended
        bus::AnsweredCall call{};  ///< then: what that one did
    };
    /// Appends what was decided at `now` to the article in that state, or refuses with
    /// `version_conflict`, `slug_taken`, or with `article_history_full` when all its events
    /// together would have more bytes than an article may have; never so what takes_down(), or
    /// `always`; or as the guard refuses. An empty state: a new article with a new id.
    base::Task<std::unique_ptr<Appended>> append(ArticleState before, Event event,
                                                 const Command& command, base::Time now,
                                                 bool always = false);

    /// One of several changes that are appended together.
    struct Together {
        ArticleId id = 0;  ///< 0: a new article
        /// What is done with the article as it is then, with its content; an empty one if it is
        /// new. On the writer thread.
        std::function<base::Result<Event>(const Loaded& loaded)> decide;
    };
    struct AppendedTogether {
        std::vector<Appended> all{};  ///< in order; nothing of them is `repeated`
        std::vector<std::string> contents{};
        bool repeated = false;            ///< the same call was there before: nothing was appended
        std::vector<MadeInBatch> made{};  ///< also then: what that one did
    };
    /// All in one transaction, or none. Refused as the first that cannot be, with its number before
    /// the names of its details; as append(), or with `version_conflict` if it is archived.
    base::Task<AppendedTogether> append_together(std::vector<Together> changes,
                                                 const Command& command, base::Time now,
                                                 std::size_t bytes);

    /// Makes the states that are missing beside the log (version_store.hpp), in several writes.
    base::Task<void> fill_states();

    /// Forgets calls that were answered more than 24 hours ago.
    base::Task<void> forget_answered();

private:
    struct Decided;
    /// Refused with `news_damaged`.
    static base::Result<Loaded> read(database::ReadTransaction& transaction, ArticleId id,
                                     Needs needs);
    ArticleId new_id(database::Transaction& transaction) const;
    base::Result<std::unique_ptr<Appended>> append(database::Transaction& transaction,
                                                   Decided& decided);
    base::Result<Appended> append_one(database::Transaction& transaction, const Together& change,
                                      const Command& command, base::Time now, std::string& content);
    static Decided decided(ArticleState before, Event event, const Command& command, base::Time now,
                           bool always);
    /// Settles which slug the event brings, if it brings one. Refused with `slug_taken`.
    static base::Result<void> name(database::Transaction& transaction, Decided& decided,
                                   ArticleId id);

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    const std::int64_t history_bytes_max_;
    const ChangeGuard* guard_ = nullptr;
};

/// The tables of a command store.
std::vector<database::MigrationSet> command_schema();

}  // namespace news
