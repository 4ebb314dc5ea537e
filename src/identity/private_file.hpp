#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace identity {

/// What such a file holds, and whether others than its owner could have read it until now.
struct PrivateFile {
    std::string content;
    bool was_open = false;
};

/// The content of a file that nobody but its owner may read or write; nothing if there is no such
/// file. Where group or others may do anything with it its mode is set to 0600.
/// Refused with `keys_unusable` if that cannot be done, if it is no plain file, cannot be read, or
/// has more than 64 KiB.
base::Result<std::optional<PrivateFile>> read_private_file(const std::filesystem::path& file);

/// Writes it anew, mode 0600, so that after a kill or a power cut it is the old or the new one: a
/// temporary file beside it, fsync, rename, fsync of the folder. Refused with `keys_unusable`.
base::Result<void> write_private_file(const std::filesystem::path& file, std::string_view content);

}  // namespace identity
