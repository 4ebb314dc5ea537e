#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace legacy {

/// The room that all spools of this process have together on the disk that holds `folder`.
/// Thread-safe.
class SpoolSpace {
public:
    struct Limits {
        std::uint64_t bytes_max;
        std::uint64_t disk_free_min;  ///< so much of the disk stays free
    };
    SpoolSpace(std::filesystem::path folder, const Limits& limits)
        : folder_(std::move(folder)), limits_(limits) {}

    /// False: there is no room for so much.
    bool take(std::uint64_t bytes);
    void give(std::uint64_t bytes) { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
    const std::filesystem::path& folder() const { return folder_; }

private:
    const std::filesystem::path folder_;
    const Limits limits_;
    std::atomic<std::uint64_t> bytes_{0};
};

/// A file in `folder` that has no name, so that nobody finds it and it goes with its descriptor; -1
/// and errno if there can be none. `named_first`: as on file systems that cannot make one at once.
int open_unnamed_file(const std::filesystem::path& folder, bool named_first = false);

/// Bytes that wait, first in first out: in memory as long as they are few, else in a file without a
/// name. Once all of them are taken memory comes first again. Belongs to one thread, which waits if
/// the disk is slow. Throws std::system_error if the disk fails.
class Spool {
public:
    Spool(std::shared_ptr<SpoolSpace> space, std::size_t memory_max)
        : space_(std::move(space)), memory_max_(memory_max) {}
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// Into memory, however much it is: what has come before there was a spool.
    void begin_with(std::string bytes) { memory_ = std::move(bytes); }
    /// Refused with `spool_full` (unavailable), and then nothing of `bytes` is kept.
    base::Result<void> append(std::string_view bytes);
    /// The next of them, `most` at most; empty if there are none.
    std::string take(std::size_t most);
    /// How many wait.
    std::uint64_t size() const { return memory_.size() - memory_at_ + written_ - read_; }

private:
    base::Result<void> append_to_file(std::string_view bytes);
    std::string take_from_file(std::size_t most);
    void reset_file();

    const std::shared_ptr<SpoolSpace> space_;
    const std::size_t memory_max_;
    std::string memory_;         ///< comes before what is in the file
    std::size_t memory_at_ = 0;  ///< so much of it is taken
    int file_ = -1;
    std::uint64_t written_ = 0;
    std::uint64_t read_ = 0;
};

}  // namespace legacy
