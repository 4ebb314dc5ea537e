#pragma once

#include <set>
#include <string>

#include "mapping.hpp"

namespace django {

/// What rules look at: names of fields, wherever on a path they stand, and models whose rows they
/// find by what these point to.
struct ReadFields {
    std::set<std::string> names{};
    std::set<std::string> models{};
};

/// Of all rules that make articles. Pure.
ReadFields read_for_articles(const Mapping& mapping);

/// The names in a condition. Pure.
std::set<std::string> read_by(const Condition& condition);

}  // namespace django
