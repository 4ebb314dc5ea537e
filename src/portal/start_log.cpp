#include "commands.hpp"
#include "telemetry/log.hpp"

namespace portal {

namespace {

telemetry::Level level_of(const std::string& name) {
    if (name == "debug") return telemetry::Level::debug;
    if (name == "warning") return telemetry::Level::warning;
    if (name == "error") return telemetry::Level::error;
    return telemetry::Level::info;
}

}  // namespace

void start_log(const Settings& settings, const std::filesystem::path& folder, bool console) {
    telemetry::LogTarget target;
    target.level = level_of(settings.log.level);
    target.console = console && settings.log.console;
    if (!settings.log.file.empty()) target.file = folder / settings.log.file;
    target.file_bytes_max = static_cast<std::size_t>(settings.log.file_bytes_max);
    target.files_max = static_cast<std::size_t>(settings.log.files_max);
    target.queue_lines = static_cast<std::size_t>(settings.log.queue_lines_max);
    target.blocks = settings.http.access_lines;
    telemetry::start_log(target);
}

}  // namespace portal
