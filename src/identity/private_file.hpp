#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace identity {

/// The content of a file that nobody but its owner may read or write; nothing if there is no such
/// file. Refused with `keys_unusable` if group or others may do anything with it, if it is no plain
/// file, cannot be read, or has more than 64 KiB.
base::Result<std::optional<std::string>> read_private_file(const std::filesystem::path& file);

/// Writes it anew, mode 0600, so that after a kill or a power cut it is the old or the new one: a
/// temporary file beside it, fsync, rename, fsync of the folder. Refused with `keys_unusable`.
base::Result<void> write_private_file(const std::filesystem::path& file, std::string_view content);

}  // namespace identity
