#pragma once

#include <chrono>
#include <memory>

#include "bus/subscription.hpp"
#include "bus/topic.hpp"
#include "visit_feed.hpp"
#include "visit_inbox.hpp"

namespace recommendation {

/// Brings visits from the topic to the store: a visit is being applied at the latest `interval`
/// after it was published, together with all that came meanwhile, in one transaction. A batch that
/// cannot be written is kept and tried again, with waits that grow to seconds; meanwhile the ring
/// fills and drops its oldest. A visit that breaks the transaction is left out, said and counted.
/// Lives on one executor, on one thread; stop() and the counts are thread-safe.
class VisitConsumer {
public:
    struct Limits {
        std::chrono::milliseconds interval{};
        std::int64_t batch_visits_max = 0;
        std::size_t ring_visits_max = 0;
    };

    /// Before the first visit is published. The topic keeps only the ring.
    VisitConsumer(bus::Topic<news::NewsViewed>& visits, VisitService& service,
                  const base::Clock& clock, telemetry::Metrics& metrics, const Limits& limits,
                  base::Executor executor);

    /// Works until stop(). Spawn it once.
    base::Task<void> run();
    /// What is in the ring by then is applied, if that succeeds at the first attempt.
    void stop();

    /// Visits that are published, but not applied yet.
    std::size_t backlog() const { return feed_.backlog(inbox_.applied().value()); }
    /// What that user has read of late that is not applied yet, the newest first, each once.
    std::vector<ArticleName> pending_of(std::int64_t user) const {
        return feed_.reads_of(user, inbox_.applied().value());
    }

private:
    VisitFeed feed_;
    VisitInbox inbox_;
    bus::Subscription subscription_;
    telemetry::Counter& dropped_stopping_;
};

}  // namespace recommendation
