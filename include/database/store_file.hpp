#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "database/transaction.hpp"

namespace database {

/// What a store is worth when it is gone.
enum class StoreKind {
    log,    ///< has events that stand nowhere else
    view,   ///< made from a log, and can be made again
    other,  ///< has no log, and cannot be made again
};

/// One store of a module, as `verify`, backup and restore walk them.
struct StoreFile {
    std::string name;  ///< in messages, logs and metrics: `news-sports.command`
    std::filesystem::path path;
    StoreKind kind = StoreKind::other;
    /// Stores of one group have always been opened together, so none of them can have seen more
    /// starts than the others: see Lineage. Empty: it is alone, as each that is new in an old
    /// folder has to be.
    std::string group{};
    /// Tables that are made from the log alone, and by the next start if they are empty: a copy of
    /// the store leaves them so.
    std::vector<std::string> derived{};
};

/// How a file may be read.
enum class Access {
    beside_owner,  ///< somebody may have it open and change it
    unchanging,    ///< it was closed and nobody writes to it any more: nothing is made beside it
};

/// A store as somebody looks at it who does not own it: to check it, or to copy it. Reads only, so
/// it may run beside a server, and also where nothing can be written (a read-only disk), as long as
/// the store was closed properly. Belongs to one thread at a time.
class StoreReader {
public:
    /// Throws Failure with a sentence that names the file and the reason.
    explicit StoreReader(const StoreFile& store, Access access = Access::beside_owner);
    ~StoreReader();
    StoreReader(StoreReader&&) noexcept;

    /// The store as it is now; what was read before is another snapshot, which ends. Whoever reads
    /// for long calls it again and again: as long as a snapshot lasts, a server cannot empty its
    /// write-ahead log.
    ReadTransaction& refresh();
    /// The one that refresh() has begun.
    ReadTransaction& snapshot() { return *transaction_; }
    /// No snapshot until the next refresh().
    void release();
    /// What is worth a look though nothing is wrong: that damage in its pages may not be found when
    /// they are read, as in a store that no server of this version has opened. Empty: nothing.
    std::string warning();
    /// The checksums of its pages, and the engine's own check of every page, index and reference;
    /// empty: nothing is wrong. Throws Failure when it cannot go on.
    std::vector<std::string> check();

private:
    friend class StoreCopy;
    friend bool refresh_together(std::vector<StoreReader>& stores, int attempts);

    StoreFile store_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<ReadTransaction> transaction_;
};

/// As refresh() on each, so that all of them are of one moment: nothing was committed to any of
/// them between the first snapshot and the last. False if that has not come true in so many
/// attempts, since somebody writes without a pause: then each is a little later than the one
/// before it in the list. Throws Failure.
bool refresh_together(std::vector<StoreReader>& stores, int attempts);

/// Opens and checks one store: what is wrong with it, each a sentence that names it; empty:
/// nothing.
std::vector<std::string> check_file(const StoreFile& store);

/// The engine and its version, for the log at the start: `SQLite 3.40.1`.
std::string driver_version();

}  // namespace database
