#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace site {

/// Holds the tables of the site against their log: what is wrong, the first hundred as plain
/// sentences; empty: nothing. Reads only, so it may run beside a server. Blocks. Throws
/// database::Failure.
std::vector<std::string> verify(const std::filesystem::path& folder);

}  // namespace site
