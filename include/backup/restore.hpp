#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backup/wanted.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "host/declaration.hpp"
#include "operations/jobs.hpp"

namespace backup {

/// What has come of it.
struct Restored {
    std::string backup;  ///< the id
    base::Time at;       ///< its cut
    std::int64_t stores = 0;
    std::int64_t events = 0;
    std::vector<std::string> sentences{};  ///< what is of which moment, and what else to know
};

/// Makes a data folder from backups. At a backup it is what was there at the cut, but for what the
/// next start makes anew. At another moment the logs of modules that can be rewound are at that
/// moment, and all else is as at the last backup before it. The folder is one of its own: it shares
/// no id with the one that was backed up. Reads only in `from`; blocks. Whatever ends it, `to` is
/// there as a whole or not at all.
///
/// `modules`: of the configuration with which it will be used. Refused with `folder_not_empty`,
/// `no_backups`, `unknown_backup`, `no_such_moment`, `restore_disk_full`, `restore_stopped`, and
/// `restore_failed` for all that is damaged, missing or broken.
base::Result<Restored> restore(const Wanted& wanted, const std::vector<host::Declaration>& modules,
                               operations::Progress& progress);

}  // namespace backup
