#pragma once

#include "base/result.hpp"

namespace portal {

/// What the process ends with.
enum ExitCode { done = 0, failed = 1, wrong_use = 2, some_refused = 3 };

/// What a refusal means to whoever called the binary: `wrong_use` if the same call cannot succeed,
/// `failed` if it may another time.
ExitCode exit_code_of(const base::Error& error);

}  // namespace portal
