#include "bus/log.hpp"
#include "host/declaration.hpp"
#include "operations/terminal.hpp"

namespace host {

namespace {

/// The chain of a log, in parts, each in a snapshot of its own: whoever reads a store keeps its
/// server from emptying the write-ahead log.
std::int64_t check_chain(database::StoreReader& store, std::vector<std::string>& problems) {
    constexpr std::size_t problems_max = 100;
    constexpr std::int64_t events_at_once = 2000;
    auto head = bus::read_head_position(store.refresh());
    bus::ChainCheck chain;
    std::int64_t position = 0;
    std::int64_t events = 0;
    for (bool more = true; more;) {
        more = false;
        std::int64_t count = 0;
        bus::read_log(
            store.refresh(), position, [&](const bus::Event& event, const bus::Hash& hash) {
                auto problem = chain.next(event, hash);
                if (!problem.empty()) problems.push_back("log: " + problem);
                position = event.position;
                ++events;
                more =
                    ++count == events_at_once && position < head && problems.size() < problems_max;
                return !more && position < head && problems.size() < problems_max;
            });
    }
    return events;
}

Finding verify_store(const database::StoreFile& file) {
    bool has_log = file.kind == database::StoreKind::log;
    Finding found{file.name, {}};
    std::int64_t events = 0;
    try {
        database::StoreReader store(file);
        found.problems = store.check();
        if (has_log) events = check_chain(store, found.problems);
    } catch (const database::Failure& failure) {
        found.problems.emplace_back(failure.what());
    }
    found.what = has_log ? operations::with_commas(events) + " events" : "the file is whole";
    return found;
}

}  // namespace

std::vector<Finding> verify_stores(const std::vector<database::StoreFile>& stores) {
    std::vector<Finding> all;
    for (const auto& store : stores) all.push_back(verify_store(store));
    return all;
}

}  // namespace host
