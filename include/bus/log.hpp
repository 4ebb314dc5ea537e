#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "bus/event.hpp"
#include "database/database.hpp"

namespace bus {

/// The append-only log of one module instance, in a database that has the schema `log_schema()`:
/// at once its truth, its outbox and its feed. Positions are 1, 2, 3 … in commit order and each
/// event's hash covers the one before it. Thread-safe where not said otherwise; the database must
/// outlive it.
class Log {
public:
    /// `source` names the log in messages: `news-sports`. Throws database::Failure if the head
    /// cannot be read.
    Log(database::Database& database, const base::Clock& clock, std::string source);

    const std::string& source() const { return source_; }

    /// Only inside a write of this log's database. Gives the event its position, id, time and hash.
    /// Throws database::Failure (is_constraint) when the stream already has that version.
    Event append(database::Transaction& transaction, NewEvent event);

    /// The time that an event decided at `at` would get now: never one before the newest event's.
    /// Only inside a write of this log's database.
    base::Time time_of_next(database::Transaction& transaction, base::Time at);

    /// The position of the newest committed event, 0 if there is none.
    std::int64_t head() const { return head_.load(std::memory_order_acquire); }

    /// Up to `count` events after `position`, fewer if they are large.
    base::Task<std::vector<Event>> feed(base::Deadline deadline, std::int64_t position,
                                        std::int64_t count) const;

    /// The events of one stream in order of version; none if there is no such stream.
    base::Task<std::vector<Event>> stream(base::Deadline deadline, std::int64_t stream) const;

    /// Called on the writer thread after each commit that added events; must not block. A wake-up
    /// carries nothing: the log is the buffer. Gives a number for unsubscribe().
    std::size_t subscribe(std::function<void()> wake);
    /// Once it has returned, that subscriber is not called any more.
    void unsubscribe(std::size_t number);

private:
    struct Head {
        std::int64_t position = 0;
        Hash hash{};
        base::Time recorded_at{};
    };
    static Head read_head(database::ReadTransaction& transaction);

    database::Database& database_;
    const base::Clock& clock_;
    std::string source_;
    std::optional<Head> pending_;  ///< writer thread only; empty: read it again
    std::atomic<std::int64_t> head_{0};
    std::mutex mutex_;
    std::map<std::size_t, std::function<void()>> subscribers_;
    std::size_t next_subscriber_ = 0;
};

/// The tables of a log, for Options::migrations of the database that holds it.
database::MigrationSet log_schema();

/// The events of one stream in order of version.
std::vector<Event> read_stream(database::ReadTransaction& transaction, std::int64_t stream);

/// Calls `visit` for each event of one stream from after `version` on, in order, until it returns
/// false.
void read_stream(database::ReadTransaction& transaction, std::int64_t stream, std::int64_t version,
                 const std::function<bool(const Event&)>& visit);

/// Calls `visit` for each event in order of position, from after `position`, until it returns
/// false.
void read_log(database::ReadTransaction& transaction, std::int64_t position,
              const std::function<bool(const Event&, const Hash&)>& visit);

/// Calls `visit` for each event up to `position`, stream by stream, each in order of version.
void read_streams(database::ReadTransaction& transaction, std::int64_t position,
                  const std::function<void(const Event&)>& visit);

/// The position of the newest event, 0 if there is none.
std::int64_t read_head_position(database::ReadTransaction& transaction);

/// Re-computes the chain; feed it all events in order.
class ChainCheck {
public:
    /// Empty if this event follows the one before, else what is wrong with it.
    std::string next(const Event& event, const Hash& stored);

private:
    std::int64_t position_ = 0;
    Hash hash_{};
};

}  // namespace bus
