#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/watermark.hpp"

namespace bus {

/// A bounded queue of ephemeral events for one subscriber, each at a position: 1, 2, 3 …. When it
/// is full the oldest goes, and is counted. Thread-safe. The clock must outlive the publishers.
template <class T>
class Ring {
public:
    struct Entry {
        std::int64_t position = 0;
        T event;
    };

    Ring(std::size_t capacity, const base::Clock& clock) : capacity_(capacity), clock_(clock) {}

    void push(const T& event) {
        std::int64_t position = 0;
        {
            std::lock_guard lock(mutex_);
            if (events_.empty()) first_at_ = clock_.steady();
            if (events_.size() == capacity_) {
                events_.pop_front();
                dropped_.fetch_add(1, std::memory_order_relaxed);
            }
            position = ++last_;
            events_.push_back({position, event});
        }
        head_.advance(position);
    }

    /// Takes up to `most` events, oldest first.
    std::vector<Entry> take(std::size_t most) {
        std::lock_guard lock(mutex_);
        auto count = std::min(most, events_.size());
        auto end = events_.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<Entry> taken(std::make_move_iterator(events_.begin()),
                                 std::make_move_iterator(end));
        events_.erase(events_.begin(), end);
        first_at_ = clock_.steady();
        return taken;
    }

    /// Calls `look(event)` with each of those that wait, the newest first, while nobody else can
    /// take or add any.
    template <class Look>
    void look_at_all(Look look) const {
        std::lock_guard lock(mutex_);
        for (auto entry = events_.rbegin(); entry != events_.rend(); ++entry) look(entry->event);
    }

    /// The position of the newest event.
    const base::Watermark& head() const { return head_; }
    /// Since when the oldest event has been here, or a little later; if there is none, nothing is
    /// said.
    base::Clock::Moment first_at() const {
        std::lock_guard lock(mutex_);
        return first_at_;
    }
    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    std::size_t size() const {
        std::lock_guard lock(mutex_);
        return events_.size();
    }

private:
    const std::size_t capacity_;
    const base::Clock& clock_;
    mutable std::mutex mutex_;
    std::deque<Entry> events_;
    std::int64_t last_ = 0;
    base::Clock::Moment first_at_{};
    std::atomic<std::uint64_t> dropped_{0};
    base::Watermark head_;
};

/// Ephemeral events (`news_viewed`): each subscriber has a ring of its own, the publisher never
/// waits, and without subscribers an event is gone. At most once until a subscriber has applied it.
/// Subscribe before the first publish; publish is thread-safe.
template <class T>
class Topic {
public:
    std::shared_ptr<Ring<T>> subscribe(std::size_t capacity, const base::Clock& clock) {
        auto ring = std::make_shared<Ring<T>>(capacity, clock);
        rings_.push_back(ring);
        return ring;
    }

    void publish(const T& event) {
        published_.fetch_add(1, std::memory_order_relaxed);
        for (auto& ring : rings_) ring->push(event);
    }

    std::uint64_t published() const { return published_.load(std::memory_order_relaxed); }
    bool heard() const { return !rings_.empty(); }

private:
    std::vector<std::shared_ptr<Ring<T>>> rings_;
    std::atomic<std::uint64_t> published_{0};
};

}  // namespace bus
