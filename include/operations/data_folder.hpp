#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.hpp"

namespace operations {

/// The folder that holds everything, and the lock that says who owns it: one process at a time,
/// because a second one that writes or checkpoints corrupts SQLite's files. The lock is the
/// kernel's (flock) and goes with the process, however it ends.
class DataFolder {
public:
    /// Makes the folder (mode 0700) if it is missing and locks it. Refused with `folder_in_use` if
    /// another process has it, `folder_unusable` if it cannot be made, read or written.
    static base::Result<DataFolder> lock(const std::filesystem::path& path);
    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&&) = delete;
    ~DataFolder();

    const std::filesystem::path& path() const { return path_; }
    /// Where the owner listens for commands.
    static std::filesystem::path control_socket(const std::filesystem::path& folder) {
        return folder / "portal.sock";
    }
    static std::filesystem::path addresses_file(const std::filesystem::path& folder) {
        return folder / "portal.addresses.json";
    }

    /// Writes portal.addresses.json: listener → real address. Whole or not at all.
    void write_addresses(const std::map<std::string, std::string>& addresses) const;
    void remove_addresses() const;

private:
    DataFolder(std::filesystem::path path, int descriptor)
        : path_(std::move(path)), descriptor_(descriptor) {}
    std::filesystem::path path_;
    int descriptor_;
};

}  // namespace operations
