#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace recommendation {

/// A recorded click.
struct Click {
    std::string reader;
    std::string item;
    base::Time at{};
    std::vector<std::string> labels{};  ///< of the item, the main one first
    std::vector<std::string> shown{};   ///< what there was to choose from; empty: not said
};

}  // namespace recommendation
