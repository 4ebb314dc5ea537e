#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "base/watermark.hpp"
#include "bus/event.hpp"
#include "bus/feed.hpp"

namespace bus {

/// A stream whose events are put aside: that at `position` could not be applied, and those after
/// it wait for it.
struct Parked {
    std::int64_t stream = 0;
    std::int64_t position = 0;
    std::int64_t attempts = 0;
    std::string error;
    base::Time parked_at{};
};

/// Where an inbox stands.
struct Progress {
    Cursor cursor;
    std::vector<std::int64_t> parked;  ///< streams
};

/// Events to be applied, and where that leads: `end` may lie beyond the last of them, when those
/// between belong to streams that are put aside.
struct Batch {
    std::vector<Event> events;
    Cursor end;
};

/// An event that could not be applied for now, through no fault of its own.
struct Deferred {
    std::int64_t stream = 0;
    std::string error;
};

/// Where a subscriber does its work and keeps its place, in one transaction. Driven by one
/// Subscription, on its executor. Each call but load() can say one of three things: done; refused,
/// so nothing was done and it is tried again until it succeeds (a full disk); or it throws, so an
/// event of it cannot be applied.
class Inbox {
public:
    virtual ~Inbox() = default;

    /// Names it in messages and stores; never renamed.
    virtual const std::string& name() const = 0;
    virtual base::Task<Progress> load() = 0;
    /// All of the batch, with its end, or nothing. An event that was applied before changes
    /// nothing. Gives those streams of which an event was left out, with all of its later ones:
    /// they are released when some time has passed.
    virtual base::Task<std::vector<Deferred>> apply(std::shared_ptr<const Batch> batch) = 0;
    /// Puts the event's stream aside and moves past the event; counts the attempt.
    virtual base::Task<void> park(Event event, std::string error) = 0;
    virtual base::Task<std::vector<Parked>> parked() = 0;
    /// Applies what a stream that was put aside has missed, and takes it back: `missed` has its
    /// events up to the cursor, perhaps also some that were applied before.
    virtual base::Task<void> release(std::int64_t stream, std::shared_ptr<const Batch> missed) = 0;
    /// Takes a stream back without what it has missed: an operator gives that up. Refused where
    /// somebody was promised it (`may_not_be_dropped`).
    virtual base::Task<void> drop(std::int64_t stream) {
        co_return co_await release(stream, std::make_shared<const Batch>());
    }
    /// The cursor is none of this feed's history. Makes what follows from the feed anew, from its
    /// beginning, and gives how far that has led; may take long. Refused while it cannot.
    virtual base::Task<Cursor> begin_anew(const Feed& feed) = 0;
    /// Whether what was applied is gone, as a view's file may be: then it has to begin anew. Asked
    /// before each look at the feed.
    virtual bool is_lost() const { return false; }

    /// Up to which position everything is applied or put aside, and durably so where the inbox is
    /// durable: what is made from it may be dated with. Thread-safe.
    base::Watermark& applied() { return applied_; }
    const base::Watermark& applied() const { return applied_; }

private:
    base::Watermark applied_;
};

}  // namespace bus
