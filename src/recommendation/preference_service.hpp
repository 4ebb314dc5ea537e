#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "database/database.hpp"
#include "log_store.hpp"
#include "pseudonyms.hpp"
#include "reader_store.hpp"
#include "users/users.hpp"

namespace recommendation {

/// What a user has said of their front page, and what is kept of what they have done. Whoever calls
/// has checked that it is their own. What it is given outlives it. Thread-safe.
/// Refused besides as named: as database::Database::read and write are.
class PreferenceService {
public:
    using Choice = ReaderWriter::Choice;

    /// `most`: of each kind of choice, and of hidden articles.
    PreferenceService(database::Database& database, const Pseudonyms& pseudonyms,
                      const base::Clock& clock, std::int64_t most)
        : database_(database), pseudonyms_(pseudonyms), clock_(clock), most_(most) {}

    base::Task<Preferences> preferences(users::UserId user, base::Deadline deadline) const;
    /// Refused with `personalisation_off` and `too_many_choices` (conflict).
    base::Task<void> choose(users::UserId user, std::string label, Choice choice,
                            base::Deadline deadline);
    base::Task<void> take_back(users::UserId user, std::string label, Choice choice,
                               base::Deadline deadline);
    /// Refused with `personalisation_off`.
    base::Task<void> hide(users::UserId user, ArticleName article, base::Deadline deadline);
    base::Task<void> show_again(users::UserId user, ArticleName article, base::Deadline deadline);

    /// What they have done, in the order in which it was stored.
    base::Task<std::vector<LogRow>> log_of(users::UserId user, std::int64_t after,
                                           std::int64_t most, base::Deadline deadline) const;

private:
    database::Database& database_;
    const Pseudonyms& pseudonyms_;
    const base::Clock& clock_;
    const std::int64_t most_;
};

}  // namespace recommendation
