#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus/inbox.hpp"

namespace bus {

/// An inbox in memory that hears from the feed's head on: the newest events, for those who listen
/// right now. Bounded by count and bytes; when it is full the oldest go. Thread-safe for readers.
class LiveInbox final : public Inbox {
public:
    struct Limits {
        std::size_t events_max = 1024;
        std::size_t bytes_max = 8 * 1024 * 1024;
    };
    using Events = std::vector<std::shared_ptr<const Event>>;
    struct Heard {
        Events events;
        /// Events after the asked position are gone already: the listener was too slow.
        bool missed = false;
    };

    LiveInbox(std::string name, const Feed& feed, const Limits& limits);

    const std::string& name() const override { return name_; }
    base::Task<Progress> load() override;
    base::Task<std::vector<Deferred>> apply(std::shared_ptr<const Batch> batch) override;
    base::Task<void> park(Event event, std::string error) override;
    base::Task<std::vector<Parked>> parked() override;
    base::Task<void> release(std::int64_t stream, std::shared_ptr<const Batch> missed) override;
    /// Whoever listens is told to have missed something.
    base::Task<Cursor> begin_anew(const Feed& feed) override;

    /// Up to `count` events after `position`. To wait for more: applied(). A new listener begins
    /// at applied().value().
    Heard after(std::int64_t position, std::size_t count) const;
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    std::string name_;
    const Feed& feed_;
    const Limits limits_;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<const Event>> events_;
    std::size_t bytes_ = 0;
    std::int64_t gone_ = 0;  ///< what is not after this is not here any more
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace bus
