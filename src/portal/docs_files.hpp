#pragma once

#include <map>
#include <string_view>

namespace portal {

/// The files that the build put into the program, by name: always `openapi.json`; those of the page
/// only if the viewer was there when it was built. The bytes live as long as the program.
std::map<std::string_view, std::string_view> docs_files();

}  // namespace portal
