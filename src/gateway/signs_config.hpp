#pragma once

#include "config/section.hpp"
#include "gateway/sign_limits.hpp"

namespace gateway {

/// The settings of the attack signs.
void describe_signs(config::Section& section, SignLimits& limits);

}  // namespace gateway
