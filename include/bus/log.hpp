#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "bus/event.hpp"
#include "bus/feed.hpp"
#include "bus/trail.hpp"
#include "database/database.hpp"

namespace bus {

/// The append-only log of one module instance, in a database that has the schema `log_schema()`:
/// at once its truth, its outbox and its feed. Positions are 1, 2, 3 … in commit order and each
/// event's hash covers the one before it. Thread-safe where not said otherwise; the database must
/// outlive it.
class Log final : public Feed, public Trail {
public:
    /// `source` names the log in messages: `news-sports`. Throws database::Failure if the head
    /// cannot be read. Where the database is out it stays at 0, and everything asked is refused.
    Log(database::Database& database, const base::Clock& clock, std::string source);

    /// Only inside a write of this log's database. Gives the event its position, id, time and hash.
    /// Throws database::Failure (is_constraint) when the stream already has that version.
    Event append(database::Transaction& transaction, NewEvent event);

    const std::string& source() const override { return source_; }
    const base::Watermark& head() const override { return head_; }
    base::Task<std::vector<Event>> after(std::int64_t position, std::int64_t count,
                                         base::Deadline deadline) const override;
    base::Task<std::vector<Event>> stream(std::int64_t id, base::Deadline deadline) const override;

    base::Task<TrailPage> trail(TrailQuery query, base::Deadline deadline) const override;
    /// Up to `count` events of one stream that are older than its `version`, the newest first.
    base::Task<std::vector<TrailEntry>> trail_of(std::int64_t stream, std::int64_t version,
                                                 std::int64_t count, base::Deadline deadline) const;

    /// By how much the newest event is dated later than the clock says now: then the clock was
    /// wrong when it was recorded, or is wrong now. Zero if it is not, or by less than a second.
    std::chrono::seconds ahead_of_clock() const;

private:
    struct Head {
        std::int64_t position = 0;
        Hash hash{};
        base::Time recorded_at{};
    };
    static Head read_head(database::ReadTransaction& transaction);
    void note_clock(base::Time now);

    database::Database& database_;
    const base::Clock& clock_;
    std::string source_;
    std::optional<Head> pending_;  ///< writer thread only; empty: read it again
    base::Time clock_seen_{};      ///< writer thread only; when it was last asked
    base::Watermark head_;
    std::atomic<std::int64_t> newest_time_{0};  ///< recorded_at of the newest event
};

/// The tables of a log, for Options::migrations of the database that holds it.
database::MigrationSet log_schema();

/// The events of one stream in order of version.
std::vector<Event> read_stream(database::ReadTransaction& transaction, std::int64_t stream);

/// Calls `visit` for each event of one stream from after `version` on, in order, until it returns
/// false. Throws database::Failure where versions do not rise.
void read_stream(database::ReadTransaction& transaction, std::int64_t stream, std::int64_t version,
                 const std::function<bool(const Event&)>& visit);

/// As read_stream(), of a stream whose versions follow one another, but each event is held against
/// the log's chain before it is given: one that is not what was recorded, or is missing, is a
/// database::Failure (inconsistent) that names the position.
void read_proven_stream(database::ReadTransaction& transaction, std::int64_t stream,
                        std::int64_t version, const std::function<bool(const Event&)>& visit);

/// Calls `visit` for each event in order of position, from after `position`, until it returns
/// false. Throws database::Failure where positions do not rise.
void read_log(database::ReadTransaction& transaction, std::int64_t position,
              const std::function<bool(const Event&)>& visit);

/// Calls `visit` for each event up to `position`, stream by stream from the one behind `after`,
/// each in order of version, until it returns false. Throws database::Failure where they do not
/// rise.
void read_streams(database::ReadTransaction& transaction, std::int64_t position, std::int64_t after,
                  const std::function<bool(const Event&)>& visit);

/// Adds an event as it was recorded, to a copy of the log it is of: whoever calls holds it against
/// the chain. Throws database::Failure (is_constraint) where the log has its position or version.
void put_event(database::Transaction& transaction, const Event& event);

/// The newest event's place, at 0 if there is none.
Cursor read_head(database::ReadTransaction& transaction);

/// The position of the newest event, 0 if there is none.
std::int64_t read_head_position(database::ReadTransaction& transaction);

/// Whether the log has that event of that hash; one without a hash only has to be no later than
/// its head.
bool has_cursor(database::ReadTransaction& transaction, const Cursor& cursor);

}  // namespace bus
