#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backup/module.hpp"
#include "manifest.hpp"
#include "operations/jobs.hpp"

namespace backup {

/// What is backed up, from which folder, and how. What it refers to outlives its use.
struct Subject {
    std::filesystem::path folder;  ///< the data folder
    std::vector<host::Declaration> modules;
    Config config;
    const base::Clock& clock;
    std::string version;  ///< of the program
};

/// What a backup has come to.
struct Taken {
    Manifest manifest;
    std::int64_t events = 0;   ///< that no earlier backup had
    std::int64_t bytes = 0;    ///< that were written
    std::int64_t removed = 0;  ///< backups that were old
};

/// Makes one backup in `to`, beside whoever works with the data folder, in this process or another;
/// blocks, and asks for little of the processor. What it has written it reads and checks again.
/// Then the backups that are too old go. Whatever ends it, those that were there before are whole.
///
/// Refused with `backup_folder` (invalid: it is in the data folder), `no_backup_folder`,
/// `backup_running`, `backup_disk_full`, `backup_stopped`, and `backup_failed` for all that broke.
base::Result<Taken> take_backup(const Subject& subject, const std::filesystem::path& to,
                                operations::Progress& progress);

/// The refusal of a folder for backups that is in the data folder, if it is.
base::Result<void> check_place(const std::filesystem::path& to,
                               const std::filesystem::path& data_folder);

}  // namespace backup
