#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace legacy {

/// The keys of a file, one a line, without white space around them; the first is the one in use.
/// Blocks. Refused (invalid) with `secret_file_unusable` and why if it cannot be read, is no
/// plain file, may be read or written by others than its owner, or has no key, or one of less than
/// `bytes_min`. What is wrong with it is said without its content.
base::Result<std::vector<std::string>> read_secret_keys(const std::filesystem::path& file,
                                                        std::size_t bytes_min);

}  // namespace legacy
