#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "preloaded/disk_record.hpp"
#include "random_moments.hpp"

namespace tests {

/// What becomes of writes that were not synced when the power goes.
enum class Unsynced {
    lost,       ///< all of them
    kept,       ///< all of them
    by_page,    ///< of each 4 KiB, at random
    by_sector,  ///< of each 512 bytes, at random
};

/// What a server asked of its disk, as tests/preloaded/disk_recorder.cpp wrote it down: makes the
/// folder as it may be found after a power cut at any place of it. What was synced is there. Of
/// what was not, each file keeps what `Unsynced` says, and each folder the first so many of the
/// names that were made, changed or removed in it since it was synced itself.
class DiskLog {
public:
    /// `folder`: the one that was recorded; it had been empty.
    DiskLog(const std::filesystem::path& log, std::filesystem::path folder);

    std::size_t bytes() const { return bytes_.size(); }
    /// The folder after a cut when `bytes` of the log had been written, in `target`, which is made.
    /// Without index files of write-ahead logs, which are memory, and logs, which are for people.
    void make(const std::filesystem::path& target, std::size_t bytes, Unsynced unsynced,
              Dice& dice) const;

private:
    struct Record {
        preloaded::DiskRecord head;
        std::string path;  ///< in the folder
        std::size_t data = 0;
        std::size_t end = 0;  ///< in the log
    };
    struct File {
        std::string content;               ///< what is durable
        std::vector<const Record*> since;  ///< writes and cuts that are not
        std::size_t settled = 0;           ///< how many are, by now
    };
    class Disk;

    std::string_view data_of(const Record& record) const {
        return std::string_view(bytes_).substr(record.data, record.head.data_bytes);
    }

    std::filesystem::path folder_;
    std::string bytes_;
    std::vector<Record> records_;
};

}  // namespace tests
