#pragma once

#include <string>

#include "config/reader.hpp"
#include "http/server.hpp"
#include "modules.hpp"
#include "operations/health.hpp"

namespace portal {

/// Every setting of the program: those of the modules, and those that belong to none.
struct Settings {
    struct {
        std::string folder = "../data";
        /// The folder as the configuration file has it, if the file decides; else empty.
        std::string folder_in_file{};
        std::string on_sync_failure = "stop";
        bool accept_older = false;  ///< no setting: --accept-older-data
    } data;
    struct {
        std::string mode = "enforced";
    } security;
    struct {
        std::string level = "info";
        bool console = true;
        std::string file = "logs/portal.log";
        std::int64_t file_bytes_max = 10 * 1024 * 1024;
        std::int64_t files_max = 5;
        std::int64_t queue_lines_max = 8192;
    } log;
    http::Config http;
    operations::Config operations;
    ModuleSettingsPointer modules = default_module_settings();
};

/// Declares every key, for reading and for printing. `settings` must outlive the result.
config::Describe describe(Settings& settings);

/// What is wrong with the files that serving needs and the settings name; the other commands do
/// without them.
std::vector<config::Problem> check_files(const Settings& settings);

}  // namespace portal
