#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/timer.hpp"
#include "bus/feed.hpp"
#include "bus/topic.hpp"
#include "news/events.hpp"
#include "recommendation/article_name.hpp"
#include "telemetry/metrics.hpp"

namespace recommendation {

/// The ring of visits as a feed. A look at it waits until the oldest visit has been there for
/// `interval`, or as many have come as are wanted at once, so that they are written together. What
/// was given is kept until a later position is asked for; the ring drops its oldest when it is
/// full, which is counted and said. Asked on one executor, on one thread; the rest is thread-safe.
class VisitFeed final : public bus::Feed {
public:
    using Ring = bus::Ring<news::NewsViewed>;

    VisitFeed(std::shared_ptr<Ring> ring, std::chrono::milliseconds interval,
              const base::Clock& clock, telemetry::Metrics& metrics, base::Executor executor);

    const std::string& source() const override { return source_; }
    const base::Watermark& head() const override { return ring_->head(); }
    base::Task<std::vector<bus::Event>> after(std::int64_t position, std::int64_t count,
                                              base::Deadline deadline) const override;
    /// None: each visit stands by itself.
    base::Task<std::vector<bus::Event>> stream(std::int64_t id,
                                               base::Deadline deadline) const override;

    /// From now on nobody waits for more visits.
    void hurry();
    /// What that user has read of the visits that are behind `applied`, the newest first, each
    /// once.
    std::vector<ArticleName> reads_of(std::int64_t user, std::int64_t applied) const;
    /// Visits that are published, of which those up to `applied` are done.
    std::size_t backlog(std::int64_t applied) const;

private:
    /// Whether nothing is in hand then.
    bool forget_up_to(std::int64_t position) const;
    std::vector<bus::Event> take(std::int64_t position, std::int64_t count) const;
    void count_dropped() const;

    const std::string source_ = "visits";
    std::shared_ptr<Ring> ring_;
    const std::chrono::milliseconds interval_;
    const base::Clock& clock_;
    telemetry::Counter& dropped_;
    mutable base::Timer timer_;
    mutable std::mutex mutex_;
    mutable std::deque<bus::Event> in_hand_;  ///< under the lock
    mutable std::atomic<std::size_t> in_hand_count_{0};
    mutable std::atomic<std::int64_t> last_in_hand_{0};
    std::atomic<bool> hurries_{false};
    mutable std::uint64_t dropped_seen_ = 0;
    mutable base::Clock::Moment say_drops_{};  ///< not again before then
};

}  // namespace recommendation
