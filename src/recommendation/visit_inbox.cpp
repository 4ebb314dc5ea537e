#include "visit_inbox.hpp"

#include "telemetry/log.hpp"

namespace recommendation {

namespace {
/// About what a visit writes: a row of visits, some edges and their counts.
constexpr std::size_t visit_bytes = 512;
}  // namespace

VisitInbox::VisitInbox(database::Database& database, const base::Clock& clock,
                       telemetry::Metrics& metrics, const Scale& scale, const GraphLimits& limits)
    : database_(database),
      clock_(clock),
      scale_(scale),
      limits_(limits),
      applied_(metrics.counter("portal_recommendation_visits_applied_total",
                               "Visits that are committed, also repeats that changed nothing.")),
      broken_(metrics.counter("portal_recommendation_visits_dropped_total",
                              "Visits that never reached the graph.", {{"why", "broken"}})),
      edges_removed_(metrics.counter("portal_recommendation_edges_removed_total",
                                     "Edges that are gone.", {{"why", "bound"}})),
      failures_(metrics.counter("portal_recommendation_batch_failures_total",
                                "Attempts to write a batch of visits that failed.")) {}

base::Task<bus::Progress> VisitInbox::load() {
    co_return bus::Progress();
}

base::Task<std::vector<bus::Deferred>> VisitInbox::apply(std::shared_ptr<const bus::Batch> batch) {
    auto visits = std::make_shared<std::vector<news::NewsViewed>>();
    for (const auto& event : batch->events) visits->push_back(news::visit_event(event));
    auto work = [this, visits](database::Transaction& transaction) -> base::Result<VisitsApplied> {
        GraphWriter graph(transaction, limits_);
        VisitsApplied done;
        auto now = clock_.now();
        for (const auto& visit : *visits) done += graph.apply(visit, scale_, now);
        // More than the batch can have added, so that what is old goes faster than new comes.
        graph.forget_visits(now, 2 * std::ssize(*visits) + 16);
        return done;
    };
    auto bytes = visits->size() * visit_bytes;
    auto written =
        co_await database_.write<VisitsApplied>(base::Deadline(), bytes, std::move(work));
    if (!written) {
        failures_.add();
        telemetry::log(telemetry::Level::warning, "recommendation", "visits cannot be stored yet",
                       {{"visits", visits->size()}, {"error", written.error().code}});
        co_return written.error();
    }
    applied_.add(visits->size());
    edges_removed_.add(static_cast<std::uint64_t>(written->edges_removed));
    applied().advance(batch->end.position);
    co_return std::vector<bus::Deferred>();
}

base::Task<void> VisitInbox::park(bus::Event event, std::string error) {
    broken_.add(1);
    applied().advance(event.position);
    telemetry::log(telemetry::Level::error, "recommendation",
                   "a visit is left out: the graph cannot take it", {{"error", error}});
    co_return base::Result<void>();
}

base::Task<std::vector<bus::Parked>> VisitInbox::parked() {
    co_return std::vector<bus::Parked>();
}

base::Task<void> VisitInbox::release(std::int64_t, std::shared_ptr<const bus::Batch>) {
    co_return base::Result<void>();
}

base::Task<bus::Cursor> VisitInbox::begin_anew(const bus::Feed& feed) {
    co_return bus::Cursor{feed.head().value(), {}};
}

}  // namespace recommendation
