#include "visit_consumer.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>

#include "telemetry/log.hpp"

namespace recommendation {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

/// A wake-up that got lost would cost no more than this.
constexpr auto idle_max = 1s;
constexpr auto retry_wait_min = 100ms;
constexpr auto retry_wait_max = 5000ms;
constexpr auto say_drops_interval = 10s;
/// About what a visit writes: a row of visits, some edges and their counts.
constexpr std::size_t visit_bytes = 512;

telemetry::Counter& dropped(telemetry::Metrics& metrics, const char* why) {
    return metrics.counter("portal_recommendation_visits_dropped_total",
                           "Visits that never reached the graph.", {{"why", why}});
}

}  // namespace

VisitConsumer::VisitConsumer(database::Database& database, const base::Clock& clock,
                             telemetry::Metrics& metrics, const Scale& scale, const Limits& limits,
                             base::Executor executor)
    : database_(database),
      clock_(clock),
      scale_(scale),
      limits_(limits),
      executor_(executor),
      timer_(executor),
      applied_(metrics.counter("portal_recommendation_visits_applied_total",
                               "Visits that are committed, also repeats that changed nothing.")),
      dropped_full_(dropped(metrics, "full")),
      dropped_broken_(dropped(metrics, "broken")),
      dropped_stopping_(dropped(metrics, "stopping")),
      edges_removed_(metrics.counter("portal_recommendation_edges_removed_total",
                                     "Edges that are gone.", {{"why", "bound"}})),
      failures_(metrics.counter("portal_recommendation_batch_failures_total",
                                "Attempts to write a batch of visits that failed.")) {}

void VisitConsumer::subscribe(bus::Topic<news::NewsViewed>& visits) {
    ring_ = visits.subscribe(limits_.ring_visits_max, [weak = weak_from_this()] {
        if (auto consumer = weak.lock()) consumer->wake();
    });
}

void VisitConsumer::wake() {
    boost::asio::post(executor_, [self = shared_from_this()] {
        if (self->idle_) self->timer_.cancel();
    });
}

void VisitConsumer::stop() {
    stopping_.store(true);
    boost::asio::post(executor_, [self = shared_from_this()] { self->timer_.cancel(); });
}

base::Task<void> VisitConsumer::sleep(Clock::time_point until) {
    timer_.expires_at(until);
    boost::system::error_code cancelled;
    auto token = boost::asio::redirect_error(base::use_task, cancelled);
    co_await timer_.async_wait(token);
    co_return base::Result<void>();
}

base::Task<void> VisitConsumer::run() {
    due_ = Clock::now() + limits_.interval;
    while (!stopping_.load()) {
        if (ring_->size() == 0) {
            co_await wait_for_visits();
            continue;
        }
        co_await collect();
        co_await apply_next();
    }
    co_await drain();
    co_return base::Result<void>();
}

base::Task<void> VisitConsumer::wait_for_visits() {
    idle_ = true;
    auto until = Clock::now() + idle_max;
    co_await sleep(until);
    idle_ = false;
    due_ = Clock::now() + limits_.interval;
    co_return base::Result<void>();
}

base::Task<void> VisitConsumer::collect() {
    // The ring tells when it is no longer empty, not when it has enough: look now and then.
    auto look = std::clamp<std::chrono::milliseconds>(limits_.interval / 8, 1ms, 10ms);
    while (!stopping_.load() && ring_->size() < limits_.batch_visits_max && Clock::now() < due_) {
        auto until = std::min<Clock::time_point>(due_, Clock::now() + look);
        co_await sleep(until);
    }
    co_return base::Result<void>();
}

/// False if the visits that were taken are lost, which happens only at the end.
base::Task<bool> VisitConsumer::apply_next() {
    auto batch = std::make_shared<const Visits>(ring_->take(limits_.batch_visits_max));
    in_hand_.store(batch->size());
    // What is in the ring from now on came after this moment, or fills the next batch anyway.
    due_ = Clock::now() + limits_.interval;
    count_dropped();
    std::chrono::milliseconds wait = retry_wait_min;
    bool done = false;
    for (;;) {
        auto written = co_await write(batch);
        if (written) {
            edges_removed_.add(static_cast<std::uint64_t>(written->edges_removed));
            done = true;
            break;
        }
        failures_.add();
        bool last = stopping_.load();
        telemetry::log(telemetry::Level::warning, "recommendation",
                       last ? "visits are lost: they cannot be stored, and the server stops"
                            : "visits cannot be stored yet",
                       {{"visits", batch->size()}, {"error", written.error().code}});
        if (last) break;
        auto until = Clock::now() + wait;
        co_await sleep(until);
        wait = std::min<std::chrono::milliseconds>(wait * 2, retry_wait_max);
    }
    if (!done) dropped_stopping_.add(batch->size());
    in_hand_.store(0);
    co_return done;
}

base::Task<void> VisitConsumer::drain() {
    // Who publishes on is not waited for.
    auto left = ring_->size();
    while (left > 0) {
        auto applied = co_await apply_next();
        if (!applied || !*applied) break;
        left -= std::min(left, limits_.batch_visits_max);
    }
    dropped_stopping_.add(left > 0 ? ring_->size() : 0);
    co_return base::Result<void>();
}

base::Task<VisitsApplied> VisitConsumer::write(Batch batch) {
    bool broken = false;
    try {
        auto applied = co_await write_together(batch);
        if (applied) applied_.add(batch->size());
        co_return applied;
    } catch (const std::exception& failure) {
        broken = true;
        telemetry::log(telemetry::Level::warning, "recommendation",
                       "a batch of visits failed, they are tried one by one",
                       {{"visits", batch->size()}, {"error", failure.what()}});
    }
    if (!broken) co_return VisitsApplied();
    co_return co_await write_one_by_one(batch);
}

base::Task<VisitsApplied> VisitConsumer::write_together(Batch batch) {
    auto work = [this, batch](database::Transaction& transaction) -> base::Result<VisitsApplied> {
        GraphWriter graph(transaction, limits_.graph);
        VisitsApplied applied;
        auto now = clock_.now();
        for (const auto& visit : *batch) applied += graph.apply(visit, scale_, now);
        // More than the batch can have added, so that what is old goes faster than new comes.
        graph.forget_visits(now, 2 * std::ssize(*batch) + 16);
        return applied;
    };
    auto bytes = batch->size() * visit_bytes;
    co_return co_await database_.write<VisitsApplied>(base::Deadline(), bytes, std::move(work));
}

base::Task<VisitsApplied> VisitConsumer::write_one_by_one(Batch batch) {
    VisitsApplied all;
    std::string error;
    std::size_t broken = 0;
    for (const auto& visit : *batch) {
        auto single = std::make_shared<const Visits>(1, visit);
        try {
            auto applied = co_await write_together(single);
            // Those before it count as repeats when the whole batch is tried again.
            if (!applied) co_return applied.error();
            all += *applied;
        } catch (const std::exception& failure) {
            error = failure.what();
            ++broken;
        }
    }
    applied_.add(batch->size() - broken);
    dropped_broken_.add(broken);
    if (broken > 0) {
        telemetry::log(telemetry::Level::error, "recommendation",
                       "visits are left out: the graph cannot take them",
                       {{"visits", broken}, {"error", error}});
    }
    co_return all;
}

void VisitConsumer::count_dropped() {
    auto seen = ring_->dropped();
    if (seen == dropped_seen_) return;
    dropped_full_.add(seen - dropped_seen_);
    dropped_seen_ = seen;
    if (Clock::now() < say_drops_) return;
    say_drops_ = Clock::now() + say_drops_interval;
    telemetry::log(telemetry::Level::warning, "recommendation",
                   "visits come faster than they can be applied, the oldest are dropped",
                   {{"dropped_since_start", seen}});
}

}  // namespace recommendation
