#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tests {

/// Whether a library may go before the server's own, and strace look at it: the thread sanitizer
/// takes neither.
bool can_interpose();

/// The environment for a server that one of tests/preloaded goes before; with sanitizers, too.
std::vector<std::pair<std::string, std::string>> preloading(const std::string& library);

/// The environment's ASAN_OPTIONS with more of them.
std::pair<std::string, std::string> sanitizer_options(const std::string& more);

}  // namespace tests
