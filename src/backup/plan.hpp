#pragma once

#include <set>
#include <string>
#include <vector>

#include "backup/wanted.hpp"
#include "base/result.hpp"
#include "manifest.hpp"

namespace backup {

/// Which parts of which backups make a folder of one moment.
struct Plan {
    const Manifest* base = nullptr;   ///< the last backup that is not after the moment
    const Manifest* later = nullptr;  ///< the one behind it; null: nothing is taken from there
};

/// One store of the folder to be made.
struct StorePlan {
    const StoredStore* base = nullptr;   ///< null: the backup of then does not have it
    const StoredStore* later = nullptr;  ///< not null: the log goes on from the base with these
};

/// Chooses among the backups, the oldest first, which outlive the result. Refused with `no_backups`
/// and `unknown_backup` (not_found), and with `no_such_moment` (invalid) if it is before the first
/// backup, or a position is behind the last.
base::Result<Plan> choose(const std::vector<Manifest>& all, const Wanted& wanted);

/// The stores of a plan: of those whose names are in `rewindable` also what is later, or only of
/// the one that is wanted.
std::vector<StorePlan> stores_of(const Plan& plan, const Wanted& wanted,
                                 const std::set<std::string>& rewindable);

/// Whether the event is beyond what is wanted; `base`: the head of the log in the base.
bool is_beyond(const Wanted& wanted, const bus::Event& event, const bus::Cursor& base);

}  // namespace backup
