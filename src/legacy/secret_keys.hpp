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
/// `bytes_min`, or a PEM text: a public key is no secret. What is wrong with it is said without its
/// content.
base::Result<std::vector<std::string>> read_secret_keys(const std::filesystem::path& file,
                                                        std::size_t bytes_min);
/// The text of a file whose keys are public. Blocks. Refused likewise, and if others than its owner
/// may write it.
base::Result<std::string> read_public_keys(const std::filesystem::path& file);
/// The refusal of such a file; `why` goes on after its name.
base::Error key_file_unusable(const std::filesystem::path& file, const std::string& why);

}  // namespace legacy
