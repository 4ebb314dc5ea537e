#include "visit_inbox.hpp"

#include "telemetry/log.hpp"

namespace recommendation {

VisitInbox::VisitInbox(VisitService& visits, telemetry::Metrics& metrics)
    : visits_(visits),
      broken_(metrics.counter("portal_recommendation_visits_dropped_total",
                              "Visits that never reached the graph.", {{"why", "broken"}})),
      failures_(metrics.counter("portal_recommendation_batch_failures_total",
                                "Attempts to write a batch of visits that failed.")) {}

base::Task<bus::Progress> VisitInbox::load() {
    co_return bus::Progress();
}

base::Task<std::vector<bus::Deferred>> VisitInbox::apply(std::shared_ptr<const bus::Batch> batch) {
    auto visits = std::make_shared<std::vector<ReaderVisit>>();
    for (const auto& event : batch->events) {
        auto viewed = news::visit_event(event);
        ReaderVisit visit;
        visit.user = viewed.user_id;
        visit.article = {viewed.news_type, viewed.id};
        visit.tags = std::move(viewed.tags);
        visit.at = viewed.at;
        visits->push_back(std::move(visit));
    }
    auto taken = co_await visits_.take(visits, base::Deadline());
    if (!taken) {
        failures_.add();
        telemetry::log(telemetry::Level::warning, "recommendation", "visits cannot be stored yet",
                       {{"visits", visits->size()}, {"error", taken.error().code}});
        co_return taken.error();
    }
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
