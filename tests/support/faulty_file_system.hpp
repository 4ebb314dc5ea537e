#pragma once

#include <atomic>

namespace support {

/// A layer between SQLite and the disk that fails on demand. Install it once, before the first
/// database is opened; it is the default from then on.
struct FaultyFileSystem {
    static void install();

    /// How many more writes succeed before every write says that the disk is full; negative: all.
    static std::atomic<int> writes_until_full;
    /// How many more syncs succeed before every sync fails; negative: all.
    static std::atomic<int> syncs_until_error;

    /// How many more writes succeed before the next one ends the process with exit code `ended`;
    /// negative: all.
    static std::atomic<int> writes_until_end;
    static constexpr int ended = 42;

    static void heal() {
        writes_until_end = -1;
        writes_until_full = -1;
        syncs_until_error = -1;
    }
};

}  // namespace support
