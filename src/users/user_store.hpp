#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cache.hpp"
#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "bus/inbox.hpp"
#include "bus/log.hpp"
#include "database/database.hpp"
#include "profile_store.hpp"
#include "user.hpp"

namespace users {

/// Whether somebody has got the name that an import says; kept: it was changed here since the last
/// import, which the new one must not undo.
enum class Renamed { no, yes, kept };

/// The tables `users` and `queue`, and the cache in front of them: whoever is in the queue is
/// pinned in the cache. Thread-safe.
class UserStore {
public:
    UserStore(database::Database& database, bus::Log& log, const base::Clock& clock,
              std::size_t cache_entries, std::int64_t queue_rows_max);

    /// Called on the writer thread for each row that is in the queue, once it is durable; must not
    /// block. Before warm().
    void on_queued(std::function<void(UserId, std::int64_t sequence)> note) {
        note_ = std::move(note);
    }

    /// Pins everybody who is in the queue, lets parked rows be tried again, counts. At start.
    base::Task<void> warm();

    /// The durable queue and, with its commit, the cache. `user_queue_full`.
    base::Task<Record> add(Record record, Command command);
    /// `account_token`: of what identity has prepared to go with it.
    base::Task<Record> change(UserId id, std::optional<std::string> name,
                              std::optional<std::int64_t> account_token, Command command);
    base::Task<Record> remove(UserId id, std::int64_t account_token, Command command);
    /// At once into the table, in one transaction: who is new is registered. `theirs`: also names
    /// that were changed here are replaced. The outcomes in the order of the profiles.
    base::Task<std::vector<Renamed>> import(std::vector<ImportedProfile> profiles, bool theirs,
                                            base::Context context);
    /// Whether the change that goes with that token waits in the queue.
    base::Task<bool> is_queued(std::int64_t account_token, base::Context context) const;
    /// The user as the same call has left it before; nothing if there was none in the last 24
    /// hours. `idempotency_key_reused`.
    base::Task<std::optional<Record>> answered(base::IdempotencyKey key,
                                               base::Context context) const;

    /// From the cache, else from the file, which fills it. `user_not_found`.
    base::Task<Record> record(UserId id, base::Context context) const;
    /// Those of `ids` that are users, in that order.
    base::Task<std::vector<Record>> records(std::vector<UserId> ids, base::Context context) const;
    /// In order of registration; those still in the queue come last.
    base::Task<std::vector<Record>> list(std::int64_t start, std::int64_t count,
                                         base::Context context) const;

    /// Up to `most` rows after `sequence`, oldest first, of the users whose id leaves `remainder`
    /// when divided by `workers`: each as the event that it becomes, at its sequence.
    base::Task<std::vector<bus::Event>> waiting(std::int64_t remainder, std::int64_t workers,
                                                std::int64_t sequence, std::int64_t most,
                                                base::Deadline deadline) const;
    /// All rows of one user.
    base::Task<std::vector<bus::Event>> waiting_of(UserId id, base::Deadline deadline) const;
    /// Brings rows to the table, each with its event, and takes them from the queue. Those that are
    /// not in it any more are done.
    base::Task<void> apply(std::vector<std::int64_t> sequences);
    /// Counts a failed attempt at the user's first row; parks it at the last. True if it is parked.
    base::Task<bool> failed(UserId id, std::string error, std::int64_t attempts_max);
    /// The rows that have failed.
    base::Task<std::vector<bus::Parked>> failing() const;

    /// `user_queue_full`.
    base::Result<void> room() const;
    std::int64_t queued() const { return queued_.load(std::memory_order_relaxed); }
    std::int64_t parked() const { return parked_.load(std::memory_order_relaxed); }
    /// When the oldest row was queued, if there is one.
    std::optional<base::Time> oldest() const;

private:
    Renamed import_one(database::Transaction& transaction, const ImportedProfile& profile,
                       bool theirs, const Command& command);
    void register_imported(database::Transaction& transaction, const ImportedProfile& profile,
                           const base::Context& context);
    Record enqueue(database::Transaction& transaction, Kind kind, Record record,
                   std::optional<std::int64_t> account_token, const Command& command);

    database::Database& database_;
    bus::Log& log_;
    const base::Clock& clock_;
    mutable base::Cache<UserId, Record> cache_;
    const std::int64_t queue_rows_max_;
    std::function<void(UserId, std::int64_t)> note_;
    std::atomic<std::int64_t> queued_{0};
    std::atomic<std::int64_t> parked_{0};
    std::atomic<std::int64_t> oldest_{0};  ///< microseconds since 1970; 0: the queue is empty
};

/// The migrations of `users.db`.
std::vector<database::MigrationSet> schema();

}  // namespace users
