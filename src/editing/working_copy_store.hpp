#pragma once

#include <vector>

#include "database/database.hpp"
#include "editing/desk.hpp"

namespace editing {

/// Unsaved states of articles, of which each is one user's.
class WorkingCopyStore {
public:
    WorkingCopyStore(database::Database& database, std::int64_t per_user_max)
        : database_(database), per_user_max_(per_user_max) {}

    /// Instead of the one before. Refused with `too_many_working_copies`.
    base::Task<WorkingCopy> put(WorkingCopy copy, std::int64_t user, base::Deadline deadline);
    base::Task<std::optional<WorkingCopy>> find(ArticleName article, std::int64_t user,
                                                base::Deadline deadline) const;
    base::Task<void> remove(ArticleName article, std::int64_t user, base::Deadline deadline);
    /// The newest first, without their members.
    base::Task<std::vector<WorkingCopy>> of_user(std::int64_t user, base::Deadline deadline) const;

private:
    database::Database& database_;
    const std::int64_t per_user_max_;
};

}  // namespace editing
