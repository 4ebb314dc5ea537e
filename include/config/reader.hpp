#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/section.hpp"

namespace config {

/// Declares every key of the program on the section that it is given.
using Describe = std::function<void(Section&)>;

/// Where settings come from; later ones win: the file, the environment, `--set`.
struct Sources {
    std::filesystem::path file{};  ///< JSON, `//` and `/* */` comments allowed; empty: no file
    /// Names as PORTAL__HTTP__LISTEN: two underscores between levels, case does not matter.
    /// Others than PORTAL__… are ignored; an unknown one of those is a problem.
    std::vector<std::pair<std::string, std::string>> environment{};
    /// path=value, the last one wins. Read by the key's type: JSON for lists and tables, else text.
    std::vector<std::string> overrides{};
};

/// Fills what `describe` names. Returns all problems at once: a file that cannot be read or parsed
/// (with line and column), unknown or repeated keys, wrong types, values out of range, rules
/// broken. Empty: everything is good. What a problem names keeps its default.
std::vector<Problem> read(const Sources& sources, const Describe& describe);

/// The values as a configuration file: JSON with each key's meaning as a comment above it.
std::string print(const Describe& describe);

/// The variables of this process, for Sources::environment.
std::vector<std::pair<std::string, std::string>> environment();

}  // namespace config
