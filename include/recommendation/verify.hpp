#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "bus/event.hpp"

namespace recommendation {

/// Whose interests are kept, and how far the users log was heard.
struct KnownReaders {
    std::vector<std::int64_t> readers;  ///< ids of users, in order
    bus::Cursor heard;
};

/// Reads only, so it may run beside a server. Blocks. Throws database::Failure.
KnownReaders known_readers(const std::filesystem::path& folder);

}  // namespace recommendation
