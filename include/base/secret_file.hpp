#pragma once

#include <string>

#include "base/result.hpp"

namespace base {

/// What stands in a file that holds a secret, without white space at either end; 4 KiB are read.
/// Blocks. Refused with `secret_file_unusable` (invalid) and a sentence if it cannot be read, is no
/// plain file, is empty, or others than its owner may read or write it.
Result<std::string> read_secret_file(const std::string& file);

}  // namespace base
