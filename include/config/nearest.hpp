#pragma once

#include <string>
#include <vector>

namespace config {

/// The name that somebody who typed `typed` most likely meant; empty when none is near. At most a
/// third of the letters may differ; two letters exchanged count as one difference.
std::string nearest(const std::string& typed, const std::vector<std::string>& names);

/// ` Did you mean …?`, or nothing.
std::string suggestion(const std::string& typed, const std::vector<std::string>& names);

}  // namespace config
