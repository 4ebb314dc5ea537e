#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"

namespace backup {

/// What somebody is told who has to do something about backups.
struct Alert {
    std::string event;  ///< `backup_failed`, `backup_late`
    std::string folder;
    std::string message;
    base::Time at;
    std::optional<base::Time> last_success{};
};

std::string to_json(const Alert& alert);

}  // namespace backup
