#pragma once

#include <cstdint>

namespace legacy {

/// What share of all answers differs at most, with 95 % confidence, if `differing` of `compared`
/// did: the one-sided upper limit of Clopper and Pearson. 1 while nothing was compared. Pure.
double upper_bound(std::int64_t differing, std::int64_t compared);

}  // namespace legacy
