#pragma once

#include <string>

#include "bus/feed.hpp"
#include "user_store.hpp"

namespace users {

/// A worker's share of the queue as a feed: the rows of those users whose id leaves `number` when
/// divided by `workers`, each at its sequence. A row is gone once it is applied. Thread-safe.
class QueueFeed final : public bus::Feed {
public:
    QueueFeed(const UserStore& store, std::int64_t number, std::int64_t workers);

    const std::string& source() const override { return source_; }
    const base::Watermark& head() const override { return head_; }
    base::Task<std::vector<bus::Event>> after(std::int64_t position, std::int64_t count,
                                              base::Deadline deadline) const override;
    base::Task<std::vector<bus::Event>> stream(std::int64_t id,
                                               base::Deadline deadline) const override;

    /// A row of this share is in the queue.
    void queued(std::int64_t sequence) { head_.advance(sequence); }

private:
    const std::string source_ = "users-queue";
    const UserStore& store_;
    const std::int64_t number_;
    const std::int64_t workers_;
    base::Watermark head_;
};

}  // namespace users
