#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace bus {

/// A bounded queue of ephemeral events for one subscriber. When it is full the oldest goes, and is
/// counted. Thread-safe.
template <class T>
class Ring {
public:
    /// `wake` is called on the publisher's thread when the ring was empty; it must not block.
    Ring(std::size_t capacity, std::function<void()> wake)
        : capacity_(capacity), wake_(std::move(wake)) {}

    void push(const T& event) {
        bool first = false;
        {
            std::lock_guard lock(mutex_);
            first = events_.empty();
            if (events_.size() == capacity_) {
                events_.pop_front();
                dropped_.fetch_add(1, std::memory_order_relaxed);
            }
            events_.push_back(event);
        }
        if (first && wake_) wake_();
    }

    /// Takes up to `most` events, oldest first.
    std::vector<T> take(std::size_t most) {
        std::lock_guard lock(mutex_);
        auto count = std::min(most, events_.size());
        auto end = events_.begin() + static_cast<std::ptrdiff_t>(count);
        std::vector<T> taken(std::make_move_iterator(events_.begin()),
                             std::make_move_iterator(end));
        events_.erase(events_.begin(), end);
        return taken;
    }

    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
    std::size_t size() const {
        std::lock_guard lock(mutex_);
        return events_.size();
    }

private:
    const std::size_t capacity_;
    const std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::deque<T> events_;
    std::atomic<std::uint64_t> dropped_{0};
};

/// Ephemeral events (`news_viewed`): each subscriber has a ring of its own, the publisher never
/// waits, and without subscribers an event is gone. At most once until a subscriber has applied it.
/// Subscribe before the first publish; publish is thread-safe.
template <class T>
class Topic {
public:
    std::shared_ptr<Ring<T>> subscribe(std::size_t capacity, std::function<void()> wake = {}) {
        auto ring = std::make_shared<Ring<T>>(capacity, std::move(wake));
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
