#pragma once

#include <filesystem>

namespace database {

/// Gives the files of a store that is shut, the file and what stands beside it, a name that says
/// when: `<file>.aside-20260711T093000.123Z`. The newest three are kept. Throws
/// std::filesystem::filesystem_error.
void set_aside(const std::filesystem::path& file);

}  // namespace database
