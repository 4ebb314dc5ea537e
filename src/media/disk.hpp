#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>

#include "base/result.hpp"

namespace media {

/// What is to be said of the disk that a folder of files is on: whether it has room, and whether it
/// works. A folder that fails is no reason to refuse a start, nor to break a request: its users are
/// refused until it works again. Thread-safe.
class Disk {
public:
    struct Options {
        std::int64_t free_bytes_min = 0;  ///< what is left to others, as to the stores
        /// Told why it fails, each time that it begins to. On the thread of whoever noticed.
        std::function<void(const std::string& why)> when_failed{};
    };

    Disk(std::filesystem::path folder, Options options);

    /// Refused with `media_store_full` (unavailable) when there is less left than that.
    base::Result<void> room() const;
    /// What whoever wanted this is told: `media_store_full` or `media_store_unavailable`.
    base::Error failed(const std::system_error& failure);
    /// Something was written to the end.
    void works() { fails_.store(false, std::memory_order_relaxed); }
    /// For the operator; empty: nothing.
    std::string trouble() const;

private:
    const std::filesystem::path folder_;
    const Options options_;
    std::atomic<bool> fails_{false};
};

/// What a call of the system has refused just now, at `path`.
[[noreturn]] void throw_errno(const std::filesystem::path& path);

}  // namespace media
