#include "visit_service.hpp"

#include <algorithm>

namespace recommendation {

namespace {

/// About what a visit writes: rows of the log and of visits, some edges and their counts.
constexpr std::size_t visit_bytes = 640;
/// Visits that are stored, but not learned: if there are more, the next page knows the newest.
constexpr std::size_t unlearned_max = 100'000;

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
    remember(*visits, taken->position);
    co_return std::move(*taken);
}

void VisitService::remember(const std::vector<ReaderVisit>& visits, std::int64_t position) {
    std::lock_guard lock(mutex_);
    forget_learned();
    for (const auto& visit : visits) {
        if (!visit.user || visit.kind != LogKind::view) continue;
        if (unlearned_.size() == unlearned_max) unlearned_.pop_front();
        unlearned_.push_back({*visit.user, visit.article, position});
    }
}

void VisitService::forget_learned() const {
    auto learned = learner_.learned().value();
    while (!unlearned_.empty() && unlearned_.front().position <= learned) unlearned_.pop_front();
}

void VisitService::add_unlearned(std::int64_t user, std::vector<ArticleName>& reads) const {
    std::lock_guard lock(mutex_);
    forget_learned();
    for (auto visit = unlearned_.rbegin(); visit != unlearned_.rend(); ++visit) {
        if (visit->user != user) continue;
        bool is_new = std::ranges::find(reads, visit->article) == reads.end();
        if (is_new) reads.push_back(visit->article);
    }
}

base::Task<void> VisitService::leave_out(std::int64_t user, LeftOut why, base::Deadline deadline) {
    auto work = [this, user, why](database::Transaction& transaction) -> base::Result<void> {
        auto edges = erase_user(transaction, pseudonyms_, limits_.graph, user, why);
        transaction.after_commit([this, edges, reader = pseudonyms_.of_user(user)] {
            edges_removed_.add(edges);
            learner_.erased(reader);
        });
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

base::Task<void> VisitService::take_in(std::int64_t user, base::Deadline deadline) {
    auto work = [this, user](database::Transaction& transaction) -> base::Result<void> {
        ReaderWriter(transaction).take_in(pseudonyms_.of_user(user));
        return {};
    };
    co_return co_await database_.write<void>(deadline, 0, std::move(work));
}

}  // namespace recommendation
