#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace backup {

/// What is to be restored. At most one of `backup`, `time` and `store` is given; without any, the
/// newest backup is.
struct Wanted {
    std::filesystem::path from;        ///< a folder of backups
    std::filesystem::path to;          ///< the data folder to be made: not there, or empty
    std::string backup{};              ///< an id
    std::optional<base::Time> time{};  ///< a moment
    std::string store{};               ///< a log, up to
    std::int64_t position = 0;         ///< this event
};

}  // namespace backup
