#include "bus/chain.hpp"
#include "host/declaration.hpp"
#include "operations/terminal.hpp"

namespace host {

namespace {

Finding verify_store(const database::StoreFile& file) {
    bool has_log = file.kind == database::StoreKind::log;
    Finding found{file.name, {}};
    std::error_code unknown;
    if (!std::filesystem::exists(file.path, unknown) && !unknown) {
        // Whether there should be one is said by the stores that have seen it.
        found.what = "there is no such file yet";
        return found;
    }
    std::int64_t events = 0;
    try {
        database::StoreReader store(file);
        found.problems = store.check();
        if (auto warning = store.warning(); !warning.empty()) found.warnings.push_back(warning);
        if (has_log) {
            auto chain = bus::follow_chain(store);
            events = chain.events;
            for (auto& problem : chain.problems) {
                found.problems.push_back("log: " + std::move(problem));
            }
        }
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
