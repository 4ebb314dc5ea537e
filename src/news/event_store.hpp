#pragma once

#include <optional>
#include <string>
#include <vector>

#include "article.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "news/commands.hpp"

namespace news {

/// The truth of one news type: a thin layer above the log that knows expected versions,
/// idempotency keys and the permanent keys of imported items. Thread-safe.
class EventStore {
public:
    EventStore(database::Database& database, bus::Log& log, const base::Clock& clock);

    /// A stream, and whether this very call was answered before.
    struct Loaded {
        std::vector<Recorded> history;
        std::optional<Version> answered{};  ///< the version that was the answer to the same call
    };
    /// Refused with `idempotency_key_reused` if the key came with another body.
    base::Task<Loaded> load(ArticleId id, const Command& command) const;

    struct Answered {
        ArticleId id = 0;
        Version version = 0;
    };
    /// The same for a call that has no stream yet.
    base::Task<std::optional<Answered>> answered(const Command& command) const;

    struct Appended {
        ArticleId id = 0;
        std::int64_t position = 0;
        Recorded recorded;
        bool repeated = false;  ///< another copy of this call was faster: nothing was appended
    };
    /// Appends `event` as version `next` of stream `id`, or refuses with `version_conflict`.
    /// `id` 0: a new stream with a new id.
    base::Task<Appended> append(ArticleId id, Version next, Event event, const Command& command);

    struct Item {
        std::string source_id;
        std::string body;  ///< of its ArticleCreated
    };
    struct ImportResult {
        Imported count;
        std::int64_t position = 0;  ///< of the last one appended, 0 if none was
    };
    base::Task<ImportResult> import(std::vector<Item> items, base::Context context);

    /// Forgets calls that were answered more than 24 hours ago.
    base::Task<std::int64_t> forget_answered();

private:
    static base::Result<std::optional<Answered>> find(database::ReadTransaction& transaction,
                                                      const IdempotencyKey& key, base::Time now);
    ArticleId new_id(database::Transaction& transaction) const;

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
};

/// The tables of a command store.
std::vector<database::MigrationSet> command_schema();

}  // namespace news
