#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "database/database.hpp"
#include "interest.hpp"
#include "recommendation/recommendations.hpp"
#include "resilience/dependency.hpp"
#include "telemetry/metrics.hpp"
#include "users/users.hpp"

namespace recommendation {

/// The graph of this process's own store. Thread-safe.
class InterestService final : public Recommendations {
public:
    struct Limits {
        std::int64_t labels_per_user_max = 0;
        std::int64_t answer_entries_max = 0;
        std::chrono::milliseconds profiles_deadline{};
        resilience::CircuitBreakerConfig profiles_breaker{};
    };

    InterestService(database::Database& database, const users::Users& users,
                    const base::Clock& clock, telemetry::Metrics& metrics, const Scale& scale,
                    const Limits& limits);

    base::Task<std::vector<Interest>> interests(users::UserId id,
                                                base::Context context) const override;
    /// All of them, for who may know.
    base::Task<std::vector<Interest>> all_interests(users::UserId id, base::Context context) const;
    base::Task<Readers> readers(std::string label, base::Context context) const override;

private:
    base::Task<std::vector<Interest>> interests_of(users::UserId id, std::int64_t most,
                                                   base::Context context) const;
    base::Task<std::vector<users::Profile>> profiles(std::vector<users::UserId> ids,
                                                     base::Context context) const;

    database::Database& database_;
    const users::Users& users_;
    const resilience::Dependency users_answer_;
    const base::Clock& clock_;
    const Scale scale_;
    const Limits limits_;
    telemetry::Counter& nameless_;
};

}  // namespace recommendation
