#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bus/event.hpp"
#include "database/store_file.hpp"

namespace bus {

class ArchivedBodies;

/// Dated ahead by less is what threads and small corrections of a clock make.
inline constexpr std::chrono::seconds clock_tolerance{1};

/// The hash of an event that stands behind one of hash `previous`: SHA-256 over that and all
/// members of the event. Throws std::runtime_error if OpenSSL has no SHA-256.
Hash chain_hash(const Hash& previous, const Event& event);

/// What has come of following a log's chain.
struct ChainReport {
    std::int64_t events = 0;    ///< that were read
    std::int64_t set_back = 0;  ///< how often one is dated earlier than the one before
    /// What is wrong, in sentences, a hundred at most; the last of these then says how many more
    /// there are.
    std::vector<std::string> problems;
};

/// Follows the chain of a store's log from its first event to what is its head now: that no
/// position is missing, and that each event is what was recorded. Reads in parts, each in a
/// snapshot of its own, so that a server beside it can empty its write-ahead log; afterwards there
/// is none. Blocks; `progress(done, total)` is called on the caller's thread every few thousand
/// events. A log that cannot be read on is one more problem, and ends it. `bodies`: of the same
/// log, where some of its streams are archived; what is wrong with an archive is said once.
ChainReport follow_chain(
    database::StoreReader& store,
    const std::function<void(std::int64_t done, std::int64_t total)>& progress = {},
    ArchivedBodies* bodies = nullptr);

}  // namespace bus
