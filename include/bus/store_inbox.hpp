#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "bus/inbox.hpp"
#include "database/database.hpp"

namespace bus {

/// Puts events into a module's own tables. On the writer thread of their database; may be called
/// again for events whose earlier attempt was rolled back. Throws when it cannot take one of them:
/// then they come again one by one, and the stream of the one that cannot be taken is parked.
class Subscriber {
public:
    virtual ~Subscriber() = default;
    /// All that one transaction has, in order; perhaps none. Nothing of it may be remembered beyond
    /// the call: the transaction may be rolled back.
    virtual void apply(database::Transaction& transaction, std::span<const Event> events) = 0;
};

/// An inbox in a database that has the schema `subscriber_schema()`: the cursor moves in the
/// transaction of the work, so that each event counts once. Everything it is given must outlive it.
class StoreInbox : public Inbox {
public:
    /// What a stream that was parked gives its subscriber when it is released.
    enum class Released {
        what_it_missed,  ///< from the event that it was parked with
        whole_stream,    ///< to who knows by an event's version that it has it
    };

    StoreInbox(std::string name, database::Database& database, Subscriber& subscriber,
               const base::Clock& clock, Released released = Released::what_it_missed);

    const std::string& name() const override { return name_; }
    base::Task<Progress> load() override;
    base::Task<std::vector<Deferred>> apply(std::shared_ptr<const Batch> batch) override;
    base::Task<void> park(Event event, std::string error) override;
    base::Task<std::vector<Parked>> parked() override;
    base::Task<void> release(std::int64_t stream, std::shared_ptr<const Batch> missed) override;
    /// Forgets cursor and parked streams: all events are applied once more. Right for work that a
    /// repetition does not change; a view that may hold what never was overrides it.
    base::Task<Cursor> begin_anew(const Feed& feed) override;

private:
    std::string name_;
    database::Database& database_;
    Subscriber& subscriber_;
    const base::Clock& clock_;
    const Released released_;
};

/// The tables `cursors` and `parked`, for Options::migrations of a database that subscribes.
database::MigrationSet subscriber_schema();

/// The cursor of a subscription in its database, at 0 before the first event.
Cursor read_cursor(database::ReadTransaction& transaction, std::string_view subscription);
void write_cursor(database::Transaction& transaction, std::string_view subscription,
                  const Cursor& cursor);
/// Streams that are parked are so no more: what they have missed is in by other means.
void forget_parked(database::Transaction& transaction, std::string_view subscription);

}  // namespace bus
