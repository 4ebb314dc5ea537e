#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "database/database.hpp"
#include "database/store_file.hpp"
#include "tally.hpp"

namespace legacy {

/// By the names of routes.
using TallyStates = std::map<std::string, TallyState>;

/// What was compared, in the tables of migrations/legacy. Thread-safe.
class CompareStore {
public:
    explicit CompareStore(database::Database& database) : database_(database) {}

    base::Task<TallyStates> load();
    /// Takes over the changes of some routes, as Tally hands them out. Of each route only those of
    /// the newest generation stay, in whichever order they come.
    base::Task<void> put(TallyStates changes);

private:
    database::Database& database_;
};

/// Where it keeps what it finds. It is measured anew if it is lost, as a view is made anew.
database::StoreFile compare_store_file(const std::filesystem::path& folder);

}  // namespace legacy
