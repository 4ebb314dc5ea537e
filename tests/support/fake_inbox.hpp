#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "bus/inbox.hpp"

namespace support {

/// An inbox in memory that writes down what it gets, and of which a test says how it feels.
/// Thread-safe.
class FakeInbox final : public bus::Inbox {
public:
    explicit FakeInbox(bus::Cursor cursor = {}) : cursor_(cursor) {}

    /// Throws for events of these streams.
    void break_on(std::set<std::int64_t> streams) {
        std::lock_guard lock(mutex_);
        broken_ = std::move(streams);
    }
    /// Leaves out events of these streams for now.
    void defer(std::set<std::int64_t> streams) {
        std::lock_guard lock(mutex_);
        deferred_ = std::move(streams);
    }
    void refuse(bool refuses) {
        std::lock_guard lock(mutex_);
        refuses_ = refuses;
    }
    /// What it had heard is gone.
    void lose() {
        std::lock_guard lock(mutex_);
        lost_ = true;
        heard_.clear();
    }
    bool is_lost() const override {
        std::lock_guard lock(mutex_);
        return lost_;
    }
    /// The positions of what was applied, in that order.
    std::vector<std::int64_t> heard() const {
        std::lock_guard lock(mutex_);
        return heard_;
    }
    std::map<std::int64_t, bus::Parked> aside() const {
        std::lock_guard lock(mutex_);
        return parked_;
    }
    bus::Cursor cursor() const {
        std::lock_guard lock(mutex_);
        return cursor_;
    }
    int times_begun_anew() const {
        std::lock_guard lock(mutex_);
        return times_begun_anew_;
    }
    std::size_t batches() const {
        std::lock_guard lock(mutex_);
        return batches_;
    }

    const std::string& name() const override { return name_; }
    base::Task<bus::Progress> load() override {
        std::lock_guard lock(mutex_);
        bus::Progress progress;
        progress.cursor = cursor_;
        for (const auto& [stream, parked] : parked_) progress.parked.push_back(stream);
        co_return progress;
    }
    base::Task<std::vector<bus::Deferred>> apply(std::shared_ptr<const bus::Batch> batch) override {
        std::lock_guard lock(mutex_);
        if (refuses_) co_return refusal();
        ++batches_;
        std::vector<bus::Deferred> left;
        check(batch->events);
        for (const auto& event : batch->events) {
            if (deferred_.contains(event.stream)) {
                left.push_back({event.stream, "not now"});
            } else {
                take(event);
            }
        }
        cursor_ = batch->end;
        applied().advance(cursor_.position);
        co_return left;
    }
    base::Task<void> park(bus::Event event, std::string error) override {
        std::lock_guard lock(mutex_);
        if (refuses_) co_return refusal();
        auto& parked = parked_[event.stream];
        if (parked.attempts == 0) parked.position = event.position;
        parked.stream = event.stream;
        ++parked.attempts;
        parked.error = std::move(error);
        if (event.position > cursor_.position) cursor_ = bus::cursor_at(event);
        applied().advance(cursor_.position);
        co_return base::Result<void>();
    }
    base::Task<std::vector<bus::Parked>> parked() override {
        std::lock_guard lock(mutex_);
        std::vector<bus::Parked> all;
        for (const auto& [stream, parked] : parked_) all.push_back(parked);
        co_return all;
    }
    base::Task<void> release(std::int64_t stream,
                             std::shared_ptr<const bus::Batch> missed) override {
        std::lock_guard lock(mutex_);
        if (refuses_ || deferred_.contains(stream)) co_return refusal();
        check(missed->events);
        for (const auto& event : missed->events) take(event);
        parked_.erase(stream);
        co_return base::Result<void>();
    }
    base::Task<bus::Cursor> begin_anew(const bus::Feed&) override {
        std::lock_guard lock(mutex_);
        if (refuses_) co_return refusal();
        ++times_begun_anew_;
        lost_ = false;
        heard_.clear();
        parked_.clear();
        cursor_ = {};
        co_return cursor_;
    }

private:
    static base::Error refusal() {
        return {base::Reason::unavailable, "storage_full", "There is no room."};
    }
    void check(const std::vector<bus::Event>& events) const {
        for (const auto& event : events) {
            if (broken_.contains(event.stream)) throw std::runtime_error("cannot take this one");
        }
    }
    void take(const bus::Event& event) {
        if (std::find(heard_.begin(), heard_.end(), event.position) == heard_.end()) {
            heard_.push_back(event.position);
        }
    }

    const std::string name_ = "fake";
    mutable std::mutex mutex_;
    bus::Cursor cursor_;
    std::vector<std::int64_t> heard_;
    std::map<std::int64_t, bus::Parked> parked_;
    std::set<std::int64_t> broken_;
    std::set<std::int64_t> deferred_;
    std::size_t batches_ = 0;
    int times_begun_anew_ = 0;
    bool refuses_ = false;
    bool lost_ = false;
};

}  // namespace support
