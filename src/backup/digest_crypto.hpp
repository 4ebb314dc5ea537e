#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace backup {

/// SHA-256 in hexadecimal.
std::string digest_of(std::string_view text);

/// Of a file as it is on the disk: what memory still has of it is let go first, where it may be.
/// `part(bytes)` is called now and then, and may throw. Throws std::system_error.
std::string digest_of_file(const std::filesystem::path& file,
                           const std::function<void(std::int64_t)>& part = {});

}  // namespace backup
