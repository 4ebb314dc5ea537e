#pragma once

#include <atomic>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "django/config.hpp"
#include "django/import_types.hpp"

namespace django {

/// Reads the source into a staging file, and makes of its rows what the mapping says, in memory
/// that does not grow with it. Killed and run again, it goes on with a dump that is JSON, and
/// stages others from their beginning. Blocks: call it on a thread of its own. Refused with
/// `cannot_read`, `cannot_write`, `stopped`, or as the mapping is, before anything is received.
base::Result<ImportReport> import_site(const ImportRequest& request, const Config& config,
                                       const base::Clock& clock, Receiver& receiver,
                                       const ImportProgress& progress,
                                       const std::atomic<bool>& stop);

}  // namespace django
