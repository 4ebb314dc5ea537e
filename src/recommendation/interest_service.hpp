#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "database/database.hpp"
#include "interest.hpp"
#include "telemetry/metrics.hpp"
#include "users/users.hpp"

namespace recommendation {

/// One reader of a label. Without a name when users could not say it in time.
struct Reader {
    users::UserId id = 0;
    std::optional<std::string> name{};
    std::optional<std::string> email{};  ///< for admins only
};

/// Who reads about a label, heaviest first.
struct Readers {
    std::vector<Reader> entries;
    bool complete = true;  ///< false: users did not answer, so ids are all there is
};

/// What may be asked of the graph. Thread-safe.
class InterestService {
public:
    struct Limits {
        std::int64_t labels_per_user_max = 0;
        std::int64_t answer_entries_max = 0;
        std::chrono::milliseconds profiles_deadline{};
    };

    InterestService(database::Database& database, const users::Users& users,
                    const base::Clock& clock, telemetry::Metrics& metrics, const Scale& scale,
                    const Limits& limits);

    /// For that reader and for admins; others are told `user_not_found`. None for an unknown one.
    base::Task<std::vector<Interest>> interests(users::UserId id, base::Context context) const;

    /// Whoever calls has checked that the actor may ask. Ids that users does not know are left out;
    /// if it is late or refuses, all ids are given, alone.
    base::Task<Readers> readers(std::string label, base::Context context) const;

private:
    base::Task<std::vector<users::Profile>> profiles(std::vector<users::UserId> ids,
                                                     base::Context context) const;

    database::Database& database_;
    const users::Users& users_;
    const base::Clock& clock_;
    const Scale scale_;
    const Limits limits_;
    telemetry::Counter& nameless_;
};

}  // namespace recommendation
