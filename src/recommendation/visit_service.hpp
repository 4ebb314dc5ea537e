#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "database/database.hpp"
#include "learner_service.hpp"
#include "telemetry/metrics.hpp"
#include "visit_store.hpp"

namespace recommendation {

/// Takes visits: into the log and the graph in one transaction, and then into the ranking. What it
/// is given outlives it. Thread-safe.
class VisitService {
public:
    using Visits = std::shared_ptr<const std::vector<ReaderVisit>>;

    VisitService(database::Database& database, const base::Clock& clock,
                 telemetry::Metrics& metrics, const Pseudonyms& pseudonyms, const Scale& scale,
                 const VisitLimits& limits, Learner& learner);

    /// All of them, or none. Done when they are committed. Refused as database::Database::write is.
    base::Task<VisitsTaken> take(Visits visits, base::Deadline deadline);
    /// Adds what that user has read of what is committed and not learned yet, the newest first.
    void add_unlearned(std::int64_t user, std::vector<ArticleName>& reads) const;
    /// Takes a user out of everything, for that reason; nothing is kept of them from then on.
    base::Task<void> leave_out(std::int64_t user, LeftOut why, base::Deadline deadline);
    /// What they do is kept from now on, unless they are removed.
    base::Task<void> take_in(std::int64_t user, base::Deadline deadline);

private:
    struct Unlearned {
        std::int64_t user = 0;
        ArticleName article;
        std::int64_t position = 0;
    };
    void remember(const std::vector<ReaderVisit>& visits, std::int64_t position);
    void forget_learned() const;  ///< under the lock

    database::Database& database_;
    const base::Clock& clock_;
    const Pseudonyms& pseudonyms_;
    const Scale scale_;
    const VisitLimits limits_;
    Learner& learner_;
    telemetry::Counter& applied_;
    telemetry::Counter& edges_bound_;
    telemetry::Counter& edges_removed_;
    mutable std::mutex mutex_;
    mutable std::deque<Unlearned> unlearned_;  ///< under the lock, about in the order of the log
};

}  // namespace recommendation
