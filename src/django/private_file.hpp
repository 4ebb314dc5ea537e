#pragma once

#include <filesystem>

#include "base/result.hpp"

namespace django {

/// Makes a file that only its owner can read, or sees to it that the one which is there is such. In
/// a folder that others can write somebody may have put one there before us: refused with
/// `cannot_write` if it is a link, not a plain file, or somebody else's. Whoever opens it later
/// finds the same file, unless the folder lets others take it away.
base::Result<void> make_private(const std::filesystem::path& file);

/// The same for a file that need not be there, and is not made.
base::Result<void> check_private(const std::filesystem::path& file);

/// Sees to it that what is in a file, or which files are in a folder, outlives a loss of power.
/// Refused with `cannot_write`.
base::Result<void> make_durable(const std::filesystem::path& path);

/// A folder of nobody else's, with a name that cannot be guessed, and gone with this.
class PrivateFolder {
public:
    /// Within `parent`. Throws std::system_error.
    explicit PrivateFolder(const std::filesystem::path& parent);
    ~PrivateFolder();
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace django
