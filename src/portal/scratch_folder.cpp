#include "scratch_folder.hpp"

#include <stdlib.h>

#include <cerrno>
#include <system_error>

#include "telemetry/log.hpp"

namespace portal {

ScratchFolder::ScratchFolder() {
    auto name = (std::filesystem::temp_directory_path() / "portal-XXXXXX").string();
    if (!mkdtemp(name.data())) {
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    }
    path_ = name;
    telemetry::LogTarget silent;
    silent.level = telemetry::Level::error;
    silent.console = false;
    telemetry::start_log(silent);
}

ScratchFolder::~ScratchFolder() {
    telemetry::stop_log();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace portal
