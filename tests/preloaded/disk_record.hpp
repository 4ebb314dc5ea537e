#pragma once

#include <cstdint>

namespace preloaded {

/// What was done to the disk. Each is written down after it was done, but for the beginning of a
/// sync: what is written down before that is durable once its end is.
enum class DiskOperation : std::uint32_t {
    create,      ///< a file that was not there
    write,       ///< data at `at`
    truncate,    ///< to `at` bytes, also longer ones
    sync_begin,  ///< of a file or a folder; `at` numbers the syncs
    sync_end,    ///< the same `at`
    remove,      ///< a file by its path
    rename,      ///< to the path that stands in the data
    make_folder,
};

/// One operation as it stands in the log, followed by its path and its data.
struct DiskRecord {
    DiskOperation operation{};
    std::uint32_t path_bytes = 0;
    std::uint32_t data_bytes = 0;
    std::uint32_t reserved = 0;
    std::uint64_t inode = 0;  ///< the file's, as long as it exists; 0: only the path is known
    std::uint64_t at = 0;
};

}  // namespace preloaded
