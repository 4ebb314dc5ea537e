#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "host/declaration.hpp"

namespace backup {

/// Reads every file of the backups in a folder, or of the one of that id, and holds it against what
/// was written: checksums, the chains of all events, the engine's own checks. Reads only, also
/// where nothing can be written. One finding for each backup, the oldest first, and one for the
/// folder. Refused with `no_backups` and `unknown_backup` (not_found).
base::Result<std::vector<host::Finding>> verify(const std::filesystem::path& folder,
                                                const std::string& id,
                                                const host::VerifyProgress& progress);

}  // namespace backup
