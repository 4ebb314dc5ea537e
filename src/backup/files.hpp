#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

// Files that are either whole or not there, whenever the machine stops. What fails throws
// std::system_error, which names the file.
namespace backup {

/// Makes a folder, with those above it that are missing, for its owner alone (0700).
void make_folder(const std::filesystem::path& folder);
/// A folder's entries, or a file's content, are on the disk.
void sync_path(const std::filesystem::path& path);
/// A file for its owner alone (0600), written under another name first.
void write_file(const std::filesystem::path& file, std::string_view content);
/// For its owner alone, whatever files are for in this process.
void make_private(const std::filesystem::path& file);
std::string read_file(const std::filesystem::path& file);
/// `from` is there no more, and `to` durably is.
void move_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// A copy for its owner alone.
void copy_privately(const std::filesystem::path& from, const std::filesystem::path& to);
/// Bytes that can be written on the disk of that folder.
std::int64_t free_bytes(const std::filesystem::path& folder);
/// From now on others come first where this thread and they want the processor.
void ask_for_little();
/// Whether one of them is the other, or in it, wherever links lead.
bool lies_within(const std::filesystem::path& path, const std::filesystem::path& folder);

/// A lock on a file (flock), which the kernel gives back with the process. Holds nothing if
/// somebody else has one that does not go with it.
class FileLock {
public:
    enum class Kind { alone, shared };
    FileLock(const std::filesystem::path& file, Kind kind);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    bool is_held() const { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
};

}  // namespace backup
