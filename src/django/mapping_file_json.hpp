#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "mapping.hpp"

namespace django {

/// Refused with `cannot_read`, and as mapping_from_json() refuses. Blocks.
base::Result<Mapping> read_mapping(const std::filesystem::path& path);

}  // namespace django
