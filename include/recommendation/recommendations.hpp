#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "users/users.hpp"

namespace recommendation {

/// What a reader cares about, and how much.
struct Interest {
    std::string label;
    double weight = 0;  ///< faded to now, times rarity
    base::Time last_seen{};
};

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

/// What may be asked of the graph of readers and labels, wherever it is kept. Thread-safe.
/// Refused besides as named: `unavailable`, `deadline`, as database::Database::read is.
class Recommendations {
public:
    virtual ~Recommendations() = default;

    /// What a reader cares about, heaviest first, at most Config::answer_entries_max. For that
    /// reader and for admins; others are told `user_not_found`. None for an unknown one.
    virtual base::Task<std::vector<Interest>> interests(users::UserId id,
                                                        base::Context context) const = 0;

    /// Who reads about a label, at most Config::answer_entries_max. Whoever calls has checked that
    /// the actor may ask. Ids that users does not know are left out; if it is late or refuses, all
    /// ids are given, alone.
    virtual base::Task<Readers> readers(std::string label, base::Context context) const = 0;
};

}  // namespace recommendation
