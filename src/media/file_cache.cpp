#include "file_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "folder_files.hpp"

namespace media {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes time_is_told_every{10};

/// That somebody has asked for it now; not each time, since that is a write.
void note_use(const fs::path& path, const struct stat& known) {
    auto seen = std::chrono::seconds(known.st_atim.tv_sec);
    auto now = std::chrono::system_clock::now().time_since_epoch();
    if (now - seen < time_is_told_every) return;
    timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);
}

}  // namespace

FileCache::FileCache(fs::path folder, std::int64_t bytes_max)
    : folder_(std::move(folder)), bytes_max_(bytes_max) {}

void FileCache::load() {
    fs::create_directories(folder_);
    std::int64_t bytes = 0;
    for (const auto& path : files_in(folder_)) {
        struct stat known {};
        if (path.extension() == part_ending) {
            fs::remove(path);
        } else if (::stat(path.c_str(), &known) == 0) {
            bytes += known.st_size;
        }
    }
    bytes_.store(bytes);
}

bool FileCache::has(const fs::path& path) const {
    struct stat known {};
    if (::stat(path.c_str(), &known) != 0) return false;
    note_use(path, known);
    return true;
}

void FileCache::added(const fs::path& path) {
    struct stat known {};
    if (::stat(path.c_str(), &known) != 0) {
        throw std::system_error(errno, std::generic_category(), path.string());
    }
    auto bytes = bytes_.fetch_add(known.st_size) + known.st_size;
    if (bytes > bytes_max_) bytes_.store(shrink(path));
}

void FileCache::remove(const fs::path& path) {
    std::error_code gone;
    auto bytes = static_cast<std::int64_t>(fs::file_size(path, gone));
    if (!gone && fs::remove(path, gone)) bytes_.fetch_sub(bytes);
}

/// Gives what is left. What is being sent can be read on by who sends it.
std::int64_t FileCache::shrink(const fs::path& newest) {
    struct Kept {
        timespec used;
        std::int64_t bytes;
        fs::path path;
    };
    std::vector<Kept> all;
    std::int64_t total = 0;
    for (const auto& path : files_in(folder_)) {
        struct stat known {};
        if (path.extension() == part_ending || ::stat(path.c_str(), &known) != 0) continue;
        total += known.st_size;
        if (path != newest) all.push_back({known.st_atim, known.st_size, path});
    }
    std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) {
        return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
    });
    auto target = bytes_max_ - bytes_max_ / 10;
    for (const auto& one : all) {
        if (total <= target) break;
        if (::unlink(one.path.c_str()) == 0) total -= one.bytes;
    }
    return total;
}

}  // namespace media
