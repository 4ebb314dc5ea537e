#pragma once

#include <map>
#include <string_view>

namespace operations {

/// The files of src/operations/page, as they are, by their names. The build puts them into the
/// program.
std::map<std::string_view, std::string_view> page_files();

}  // namespace operations
