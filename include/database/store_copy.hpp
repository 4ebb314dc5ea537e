#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "database/scratch_store.hpp"
#include "database/store_file.hpp"

namespace database {

struct Definition;

/// Makes a new store what another one is in its snapshot, whatever its tables are: rows first, and
/// then what can wait until the snapshot is gone. One thread. Everything throws Failure, also a
/// table of a kind that cannot be copied row by row.
class StoreCopy {
public:
    /// `from` has a snapshot; `into` is empty. Both outlive the copy.
    StoreCopy(StoreReader& from, ScratchStore& into);
    ~StoreCopy();
    StoreCopy(const StoreCopy&) = delete;

    /// All tables, with all rows but those of the tables `without`. `rows(n)` is called now and
    /// then with how many are copied, and may throw to end it. Gives how many there were.
    std::int64_t copy_rows(const std::vector<std::string>& without,
                           const std::function<void(std::int64_t)>& rows);
    /// Indexes and triggers; `from` is not needed any more.
    void finish();

private:
    StoreReader& from_;
    ScratchStore& into_;
    std::vector<Definition> definitions_;
};

}  // namespace database
