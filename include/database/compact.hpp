#pragma once

#include "database/store_file.hpp"

namespace database {

/// Gives the disk what is free in a store, by writing it anew, if that is a tenth of it or more: as
/// long as it takes, and as much room again for a while. For a store that nobody has open, while
/// nobody can open it. Killed, it leaves the store as it was. Blocks. Throws Failure.
void compact(const StoreFile& store);

}  // namespace database
