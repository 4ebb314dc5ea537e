// The peer of P7: how fast SQLite itself takes the rows of an import.
//
//   sqlite_import ITEMS.jsonl EMPTY_FOLDER
//
// The file is read and parsed before the clock starts. Then every item goes in once, 512 to a
// transaction, log and view as raw_store.hpp says. Prints one line of JSON.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
#include <string>

#include "raw_store.hpp"

namespace {

constexpr std::size_t batch_size = 512;

void measure(const std::string& items, const std::string& folder) {
    const auto rows = bench::read_rows(items);
    const bench::Stopwatch watch;
    {
        bench::RawStore store(folder);
        for (std::span<const bench::Row> rest(rows); !rest.empty();) {
            const auto batch = rest.first(std::min(batch_size, rest.size()));
            store.append(batch);
            rest = rest.subspan(batch.size());
        }
        // Closing the store is part of the work: it checkpoints what is still in the two WALs,
        // as the end of an import does.
    }
    watch.print(rows.size());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: sqlite_import ITEMS.jsonl EMPTY_FOLDER\n");
        return 2;
    }
    try {
        measure(arguments[1], arguments[2]);
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "sqlite_import: %s\n", problem.what());
        return 1;
    }
}
