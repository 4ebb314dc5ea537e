// The peer of P4: durable events per second from SQLite itself.
//
//   sqlite_append ITEMS.jsonl EMPTY_FOLDER WARM_UP_SECONDS SECONDS
//
// Appends the items in batches of 64 (as many as portal has clients in P4), again from the first
// when the file ends; a batch is one fsynced transaction on the log and one on the view.
// See raw_store.hpp for the tables. Prints one line of JSON.
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>

#include "raw_store.hpp"

namespace {

constexpr std::size_t batch_size = 64;

void measure(const std::string& items, const std::string& folder, double warm_up, double measured) {
    const auto rows = bench::read_rows(items);
    if (rows.size() < batch_size) throw std::runtime_error(items + " holds too few items");
    bench::RawStore store(folder);
    std::size_t next = 0;
    const auto append_for = [&](const bench::Stopwatch& watch, double seconds) {
        std::size_t appended = 0;
        for (; watch.seconds() < seconds; appended += batch_size) {
            if (next + batch_size > rows.size()) next = 0;
            store.append(std::span(rows).subspan(next, batch_size));
            next += batch_size;
        }
        return appended;
    };
    append_for({}, warm_up);
    const bench::Stopwatch watch;
    const auto appended = append_for(watch, measured);
    watch.print(appended);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::fprintf(stderr,
                     "usage: sqlite_append ITEMS.jsonl EMPTY_FOLDER WARM_UP_SECONDS SECONDS\n");
        return 2;
    }
    try {
        measure(arguments[1], arguments[2], std::stod(arguments[3]), std::stod(arguments[4]));
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "sqlite_append: %s\n", problem.what());
        return 1;
    }
}
