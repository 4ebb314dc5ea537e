#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bus/feed.hpp"

namespace support {

/// A feed in memory, of which a test says what it has and how it feels. Thread-safe.
class FakeFeed final : public bus::Feed {
public:
    explicit FakeFeed(std::string source = "fake") : source_(std::move(source)) {}

    /// Adds an event and gives its position.
    std::int64_t add(std::int64_t stream, std::string body = "{}", std::string type = "faked.v1") {
        auto position = add_unannounced(stream, std::move(body), std::move(type));
        head_.advance(position);
        return position;
    }
    /// One that says who did it, and when.
    std::int64_t add_by(std::int64_t actor, base::Time at, std::int64_t stream, std::string type) {
        auto position = add_unannounced(stream, "{}", std::move(type));
        {
            std::lock_guard lock(mutex_);
            events_.back().actor = actor;
            events_.back().recorded_at = at;
        }
        head_.advance(position);
        return position;
    }
    /// The head does not say so yet, as between a commit and what is done after it.
    std::int64_t add_unannounced(std::int64_t stream, std::string body = "{}",
                                 std::string type = "faked.v1") {
        std::int64_t position = 0;
        {
            std::lock_guard lock(mutex_);
            bus::Event event;
            event.position = position = std::ssize(events_) + 1;
            event.stream = stream;
            event.version = 1;
            for (const auto& other : events_) event.version += other.stream == stream ? 1 : 0;
            event.type = std::move(type);
            event.body = std::move(body);
            event.recorded_at = recorded_at_;
            event.hash[0] = history_;
            event.hash[1] = static_cast<unsigned char>(position);
            events_.push_back(std::move(event));
        }
        return position;
    }
    /// When what is added from here on was recorded.
    void set_time(base::Time at) {
        std::lock_guard lock(mutex_);
        recorded_at_ = at;
    }
    /// From here on it has another past, as a log that was replaced by an older copy and has grown
    /// since.
    void change_history() {
        std::lock_guard lock(mutex_);
        ++history_;
        for (auto& event : events_) event.hash[0] = history_;
    }
    /// Its events say nothing from here on, as those of an archived stream; or what they said
    /// again.
    void archive(std::int64_t stream, bool is_archived = true) {
        std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < events_.size(); ++i) {
            if (events_[i].stream != stream) continue;
            auto& said = archived_[i];
            if (is_archived == events_[i].body.empty()) continue;
            std::swap(said, events_[i].body);
        }
    }
    /// What that event says is something else from here on.
    void say(std::int64_t position, std::string body) {
        std::lock_guard lock(mutex_);
        events_.at(static_cast<std::size_t>(position - 1)).body = std::move(body);
    }
    /// Refuses whatever it is asked, until it is told otherwise.
    void refuse(bool refuses) {
        std::lock_guard lock(mutex_);
        refuses_ = refuses;
    }

    const std::string& source() const override { return source_; }
    const base::Watermark& head() const override { return head_; }
    base::Task<std::vector<bus::Event>> after(std::int64_t position, std::int64_t count,
                                              base::Deadline deadline) const override {
        if (deadline.passed()) co_return base::deadline_passed();
        std::lock_guard lock(mutex_);
        if (refuses_) co_return refusal();
        std::vector<bus::Event> found;
        for (const auto& event : events_) {
            if (event.position > position && std::ssize(found) < count) found.push_back(event);
        }
        co_return found;
    }
    base::Task<std::vector<bus::Event>> stream(std::int64_t id,
                                               base::Deadline deadline) const override {
        if (deadline.passed()) co_return base::deadline_passed();
        std::lock_guard lock(mutex_);
        if (refuses_) co_return refusal();
        std::vector<bus::Event> found;
        for (const auto& event : events_) {
            if (event.stream == id) found.push_back(event);
        }
        co_return found;
    }

private:
    static base::Error refusal() {
        return {base::Reason::unavailable, "overloaded", "Too many questions are waiting."};
    }

    std::string source_;
    base::Watermark head_;
    mutable std::mutex mutex_;
    std::vector<bus::Event> events_;
    std::map<std::size_t, std::string> archived_;  ///< what they said
    base::Time recorded_at_{};
    unsigned char history_ = 1;
    bool refuses_ = false;
};

}  // namespace support
