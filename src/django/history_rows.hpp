#pragma once

#include <cstdint>
#include <vector>

#include "evaluation.hpp"

namespace django {

/// The row as it was at a revision: what that does not tell is as it is today. Null: the revision
/// is not what the rule says it is. Pure, as the evaluation is.
RowPointer row_as_it_was(const Row& now, const Scope& revision, const HistoryRule& rule,
                         const Evaluation& evaluation);

/// Takes out of `revisions`, which are those of a row of Wagtail with the oldest first, what was
/// saved of a live page and not published since, or is to be at a time to come: readers never saw
/// it. How many. Of other histories none.
std::int64_t leave_drafts_out(std::vector<Scope>& revisions, const Scope& page,
                              const HistoryRule& rule, const Evaluation& evaluation);

}  // namespace django
