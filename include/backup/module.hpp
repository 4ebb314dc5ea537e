#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/section.hpp"
#include "host/declaration.hpp"
#include "host/environment.hpp"
#include "host/module.hpp"

namespace backup {

/// Settings of backups; describe() says what each means.
struct Config {
    std::string folder{};
    std::int64_t every_h = 24;
    std::int64_t late_h = 36;
    std::int64_t keep_count = 60;
    std::int64_t keep_days = 60;
    std::int64_t bytes_per_second_max = 32 * 1024 * 1024;
    std::int64_t disk_free_bytes_min = 256 * 1024 * 1024;
    std::string alert_url{};
};

void describe(config::Section& section, Config& config);

/// Makes backups of everything that the declarations name while all of it is in use: by the job
/// `backup`, and on time if there is a folder for them. One at a time. Says in /metrics, the log,
/// /readyz and to whoever is to be alerted when one has failed or none has been made for too long.
class Module : public host::Module {
public:
    /// `all`: of every module of the program, in the order in which they ask and hear each other.
    /// What they refer to outlives this. Refused with `backup_folder` (invalid) if the folder for
    /// backups is in the data folder.
    static base::Result<std::unique_ptr<Module>> open(const Config& config,
                                                      const host::Environment& environment,
                                                      std::vector<host::Declaration> all);
};

}  // namespace backup
