#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace media {

/// Files in a folder (`ab/cdef…`) that can be had again, within a bound: once there is more, those
/// that nobody has asked for the longest go, until a tenth of it is free. When a file was asked for
/// last is its time of access. Thread-safe; but for has() it blocks.
class FileCache {
public:
    FileCache(std::filesystem::path folder, std::int64_t bytes_max);

    /// First: makes the folder, counts what is in it, and removes parts of files. Throws
    /// std::system_error; what cannot be counted then has room beyond the bound.
    void load();

    /// What the name of a file ends in that is not whole yet, and is none of the cache.
    static constexpr const char* part_ending = ".part";

    /// Whether it is there; notes that somebody asks for it.
    bool has(const std::filesystem::path& path) const;
    /// It has come to its place. It stays, whoever goes for it. Throws std::system_error.
    void added(const std::filesystem::path& path);
    void remove(const std::filesystem::path& path);
    std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

private:
    std::int64_t shrink(const std::filesystem::path& newest);

    const std::filesystem::path folder_;
    const std::int64_t bytes_max_;
    std::atomic<std::int64_t> bytes_{0};
};

}  // namespace media
