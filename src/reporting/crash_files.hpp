#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crash_record.hpp"

namespace reporting {

struct FoundCrash {
    std::string file;  ///< its name
    CrashRecord record;
};

/// The records of crashes that earlier runs have left in the data folder and that nobody was told
/// of, the oldest first: the newest `kept`, others are put aside. Blocks.
std::vector<FoundCrash> find_crashes(const std::filesystem::path& folder, std::size_t kept);

/// Moves a record to `crashes/`, of which the newest `kept` stay: it is told, and not found again.
/// What cannot be moved is logged. Blocks.
void put_aside(const std::filesystem::path& folder, const std::string& file, std::size_t kept);

/// When the newest that is in either place happened, as its name says.
std::optional<base::Time> newest_crash(const std::filesystem::path& folder);

}  // namespace reporting
