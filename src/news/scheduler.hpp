#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "article_store.hpp"
#include "base/timer.hpp"
#include "command_service.hpp"
#include "database/database.hpp"

namespace news {

/// Publishes scheduled articles when their time has come, ends embargoes and unpublishes what has
/// expired, also where the time came while the server was down. It looks at the view's index of
/// schedules several times a second, which costs microseconds and leaves no wake-up to be missed;
/// however much is due at one time is done without a pause between. What cannot be done now holds
/// nothing up: it is stepped over, and its turn comes again after all else.
/// Also forgets old idempotency keys. Lives on one executor; stop() is thread-safe.
class Scheduler {
public:
    Scheduler(database::Database& view, EventStore& events, CommandService& commands,
              const base::Clock& clock, std::string news_type, std::chrono::milliseconds interval,
              base::Executor executor);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    void stop();

private:
    /// Of what is due now, so much as one look takes. Whether more is to be done at once.
    base::Task<bool> do_due();
    /// Whether it was done.
    base::Task<bool> do_one(ArticleId id);

    database::Database& view_;
    EventStore& events_;
    CommandService& commands_;
    const base::Clock& clock_;
    std::string news_type_;
    std::chrono::milliseconds interval_;
    base::Timer timer_;
    Due workflow_after_{};  ///< where the next look goes on
    Due drafts_after_{};
    std::string refused_as_;  ///< said once, not several times a second; empty: it works
    std::atomic<bool> stopping_{false};
};

}  // namespace news
