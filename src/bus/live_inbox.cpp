#include "bus/live_inbox.hpp"

#include <algorithm>

#include "telemetry/log.hpp"

namespace bus {

LiveInbox::LiveInbox(std::string name, const Feed& feed, const Limits& limits)
    : name_(std::move(name)), feed_(feed), limits_(limits) {}

base::Task<Progress> LiveInbox::load() {
    Progress progress;
    progress.cursor.position = feed_.head().value();
    std::lock_guard lock(mutex_);
    gone_ = progress.cursor.position;
    co_return progress;
}

base::Task<std::vector<Deferred>> LiveInbox::apply(std::shared_ptr<const Batch> batch) {
    {
        std::lock_guard lock(mutex_);
        for (const auto& event : batch->events) {
            // Of a batch that comes again it has some already.
            if (!events_.empty() && event.position <= events_.back()->position) continue;
            bytes_ += event.body.size();
            events_.push_back(std::make_shared<const Event>(event));
        }
        // One event is kept, however large it is.
        while (events_.size() > 1 &&
               (events_.size() > limits_.events_max || bytes_ > limits_.bytes_max)) {
            bytes_ -= events_.front()->body.size();
            gone_ = events_.front()->position;
            events_.pop_front();
            dropped_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    applied().advance(batch->end.position);
    co_return std::vector<Deferred>();
}

base::Task<void> LiveInbox::park(Event event, std::string error) {
    // Nothing that apply() does can fail but for want of memory: then it is as if it was dropped.
    telemetry::log(telemetry::Level::error, "bus", "an event does not reach those who listen",
                   {{"subscription", name_}, {"position", event.position}, {"error", error}});
    {
        std::lock_guard lock(mutex_);
        gone_ = std::max(gone_, event.position);
        dropped_.fetch_add(1, std::memory_order_relaxed);
    }
    applied().advance(event.position);
    co_return base::Result<void>();
}

base::Task<std::vector<Parked>> LiveInbox::parked() {
    co_return std::vector<Parked>();
}

base::Task<void> LiveInbox::release(std::int64_t, std::shared_ptr<const Batch>) {
    co_return base::Result<void>();
}

base::Task<Cursor> LiveInbox::begin_anew(const Feed& feed) {
    auto head = feed.head().value();
    {
        std::lock_guard lock(mutex_);
        events_.clear();
        bytes_ = 0;
        gone_ = std::max(head, applied().value());
    }
    co_return Cursor{head, {}};
}

LiveInbox::Heard LiveInbox::after(std::int64_t position, std::size_t count) const {
    Heard heard;
    std::lock_guard lock(mutex_);
    heard.missed = position < gone_;
    auto first = std::upper_bound(
        events_.begin(), events_.end(), position,
        [](std::int64_t value, const auto& event) { return value < event->position; });
    for (; first != events_.end() && heard.events.size() < count; ++first) {
        heard.events.push_back(*first);
    }
    return heard;
}

}  // namespace bus
