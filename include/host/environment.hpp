#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "database/options.hpp"
#include "host/supervision.hpp"
#include "telemetry/metrics.hpp"

namespace host {

/// What a module is given to work with. Nothing else reaches it from outside but its section of the
/// configuration and the interfaces that its open() names. What it refers to outlives the module.
struct Environment {
    std::filesystem::path folder;  ///< the data folder, for the files of the module's own
    const base::Clock& clock;
    telemetry::Metrics& metrics;
    base::Executor background;   ///< one thread, for what is not done on request; see TaskGroup
    std::size_t io_threads = 1;  ///< how many threads call the routes
    /// False while a command works on the folder without a server: nothing is done on time then.
    bool scheduled = true;
    /// Go on though a store is older than what others have seen of it.
    bool accept_older_data = false;
    bool open_mode = false;  ///< everybody may do everything: for trials on this machine
    /// Of a store that is a log; every other goes out.
    database::IfSyncFails if_sync_fails = database::IfSyncFails::stop;
    std::string version{};  ///< of the program
    std::shared_ptr<Supervision> supervision = std::make_shared<Supervision>();
};

}  // namespace host
