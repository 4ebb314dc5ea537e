#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "database/transaction.hpp"

namespace database {

class Connection;

/// A store of one thread, for what can be made again and is gone when the work is done: a place to
/// sort and look up more than fits in memory. What was committed survives the end of the process
/// however it comes; if the machine ends, the whole file may be damaged without a sign of it, until
/// make_durable(). No queues, no migrations. Everything throws Failure.
class ScratchStore {
public:
    /// Makes the file if it is not there. `cache_kib`: memory for its pages.
    explicit ScratchStore(const std::filesystem::path& file, std::int64_t cache_kib = 16 * 1024);
    /// What was not committed is gone.
    ~ScratchStore();
    ScratchStore(const ScratchStore&) = delete;

    /// The transaction that is under way; begins one if there is none. Valid until commit().
    Transaction& transaction();
    /// Does nothing if none is under way.
    void commit();
    /// With the next commit everything survives the end of the machine too. Not during a
    /// transaction.
    void make_durable();
    /// Commits, and makes a file of its own of it: all is in it and on the disk, and nothing stands
    /// beside it. Nothing can be done with the store any more.
    void close();

private:
    friend class StoreCopy;

    std::filesystem::path file_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<Transaction> transaction_;
};

}  // namespace database
