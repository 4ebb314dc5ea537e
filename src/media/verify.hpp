#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace media {

/// Sentences.
struct ItemCheck {
    std::vector<std::string> problems;
    std::vector<std::string> warnings{};  ///< files that no item has
};

/// What does not fit in a data folder's media: items and their log, items and their bytes, if those
/// are there. Reads all bytes.
ItemCheck check_items(const std::filesystem::path& folder, bool has_bytes);

/// Where the bytes are.
std::filesystem::path files_folder(const std::filesystem::path& folder);

}  // namespace media
