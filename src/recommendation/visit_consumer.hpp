#pragma once

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "bus/topic.hpp"
#include "database/database.hpp"
#include "graph_store.hpp"
#include "news/events.hpp"
#include "telemetry/metrics.hpp"

namespace recommendation {

/// Brings visits from the ring to the graph: a visit is being applied at the latest `interval`
/// after it was published, together with all that came meanwhile, in one transaction. A batch that
/// cannot be written is kept and tried again, with waits that grow to seconds; meanwhile the ring
/// fills and drops its oldest. A visit that breaks the transaction is left out, said and counted.
/// Lives on one executor, on one thread; stop() and the counts are thread-safe.
class VisitConsumer : public std::enable_shared_from_this<VisitConsumer> {
public:
    struct Limits {
        GraphLimits graph{};
        std::chrono::milliseconds interval{};
        std::size_t batch_visits_max = 0;
        std::size_t ring_visits_max = 0;
    };

    VisitConsumer(database::Database& database, const base::Clock& clock,
                  telemetry::Metrics& metrics, const Scale& scale, const Limits& limits,
                  base::Executor executor);

    /// Once, and before the first visit is published. The topic keeps only the ring: a visit that
    /// is published when this object is gone wakes nobody.
    void subscribe(bus::Topic<news::NewsViewed>& visits);

    /// Works until stop(). Spawn it once, after subscribe().
    base::Task<void> run();
    /// What is in the ring by then is applied, if that succeeds at the first attempt.
    void stop();

    /// Visits that are published, but not applied yet.
    std::size_t backlog() const { return ring_->size() + in_hand_.load(std::memory_order_relaxed); }

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          base::Executor>;
    using Visits = std::vector<news::NewsViewed>;
    using Batch = std::shared_ptr<const Visits>;

    void wake();
    base::Task<void> sleep(std::chrono::steady_clock::time_point until);
    base::Task<void> wait_for_visits();
    base::Task<void> collect();
    base::Task<bool> apply_next();
    base::Task<void> drain();
    base::Task<VisitsApplied> write(Batch batch);
    base::Task<VisitsApplied> write_together(Batch batch);
    base::Task<VisitsApplied> write_one_by_one(Batch batch);
    void count_dropped();

    database::Database& database_;
    const base::Clock& clock_;
    const Scale scale_;
    const Limits limits_;
    base::Executor executor_;
    Timer timer_;
    std::shared_ptr<bus::Ring<news::NewsViewed>> ring_;
    std::atomic<std::size_t> in_hand_{0};
    std::atomic<bool> stopping_{false};
    bool idle_ = false;                            ///< run() waits for a first visit
    std::chrono::steady_clock::time_point due_{};  ///< when what is in the ring is to be taken
    std::chrono::steady_clock::time_point say_drops_{};  ///< not again before then
    std::uint64_t dropped_seen_ = 0;
    telemetry::Counter& applied_;
    telemetry::Counter& dropped_full_;
    telemetry::Counter& dropped_broken_;
    telemetry::Counter& dropped_stopping_;
    telemetry::Counter& edges_removed_;
    telemetry::Counter& failures_;
};

}  // namespace recommendation
