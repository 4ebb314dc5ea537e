#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace news {

/// What a check of one news type found.
struct VerifyReport {
    std::int64_t events = 0;
    std::int64_t articles = 0;
    std::int64_t archived = 0;          ///< articles that are in archives, besides
    std::int64_t behind = 0;            ///< events that the view does not show yet
    std::int64_t set_back = 0;          ///< how often the clock was set back between two events
    std::vector<std::string> problems;  ///< plain sentences, the first hundred
    std::vector<std::string> warnings;  ///< not wrong, but worth a look
};

/// Re-reads one news type's stores: the engine's own checks, the hash chain of the whole log, and
/// that the view, if there is one, is exactly what the log says, row by row; the same of the
/// archives. Reads only, and in parts, so it may run beside a server. Blocks. A file that cannot be
/// read is a problem in the report.
VerifyReport verify(const std::filesystem::path& folder, const std::string& type,
                    const std::function<void(std::int64_t done, std::int64_t total)>& progress);

}  // namespace news
