#pragma once

#include <string>

namespace support {

/// The example of docs/`page` whose first line begins with `first`: what readers copy, as they do.
/// Throws if there is none.
std::string docs_example(const std::string& page, const std::string& first);

}  // namespace support
