#pragma once

#include <string>

#include "transfer.hpp"

namespace django {

/// `{counted_at, models, bridges, people, logins, notes, verdict: {ready, missing}}`, with the
/// verdict() of it.
std::string to_json(const Transfer& transfer);

}  // namespace django
