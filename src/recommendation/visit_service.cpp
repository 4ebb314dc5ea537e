#include "visit_service.hpp"

namespace recommendation {

namespace {

/// About what a visit writes: rows of the log and of visits, some edges and their counts.
constexpr std::size_t visit_bytes = 640;
/// Who is answered after that has the visit stored, but perhaps not in the next list.
constexpr std::chrono::milliseconds learned_wait{250};

}  // namespace

VisitService::VisitService(database::Database& database, const base::Clock& clock,
                           telemetry::Metrics& metrics, const Pseudonyms& pseudonyms,
                           const Scale& scale, const VisitLimits& limits, Learner& learner)
    : database_(database),
      clock_(clock),
      pseudonyms_(pseudonyms),
      scale_(scale),
      limits_(limits),
      learner_(learner),
      applied_(metrics.counter("portal_recommendation_visits_applied_total",
                               "Visits that are committed, also repeats that changed nothing.")),
      edges_bound_(metrics.counter("portal_recommendation_edges_removed_total",
                                   "Edges that are gone.", {{"why", "bound"}})),
      edges_removed_(metrics.counter("portal_recommendation_edges_removed_total",
                                     "Edges that are gone.", {{"why", "removed"}})) {}

base::Task<VisitsTaken> VisitService::take(Visits visits, base::Deadline deadline) {
    auto work = [this, visits](database::Transaction& transaction) -> base::Result<VisitsTaken> {
        VisitWriter writer(transaction, pseudonyms_, scale_, limits_, clock_.now());
        auto taken = writer.take(*visits);
        if (taken.position > 0) {
            transaction.after_commit(
                [this, position = taken.position] { learner_.committed(position); });
        }
        return taken;
    };
    auto bytes = visits->size() * visit_bytes;
    auto taken = co_await database_.write<VisitsTaken>(deadline, bytes, std::move(work));
    if (!taken) co_return taken.error();
    applied_.add(visits->size());
    edges_bound_.add(static_cast<std::uint64_t>(taken->edges_removed));
    if (learner_.is_ready()) {
        co_await learner_.learned().reached(taken->position, clock_, learned_wait);
    }
    co_return std::move(*taken);
}

base::Task<void> VisitService::leave_out(std::int64_t user, LeftOut why, base::Deadline deadline) {
    auto work = [this, user, why](database::Transaction& transaction) -> base::Result<void> {
        auto edges = erase_user(transaction, pseudonyms_, limits_.graph, user, why);
        transaction.after_commit([this, edges] { edges_removed_.add(edges); });
        return {};
    };
    auto erased = co_await database_.write<void>(deadline, 0, std::move(work));
    if (!erased) co_return erased.error();
    co_return co_await learner_.forget(pseudonyms_.of_user(user));
}

base::Task<void> VisitService::take_in(std::int64_t user, base::Deadline deadline) {
    auto work = [this, user](database::Transaction& transaction) -> base::Result<void> {
        ReaderWriter(transaction).take_in(pseudonyms_.of_user(user));
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

}  // namespace recommendation
