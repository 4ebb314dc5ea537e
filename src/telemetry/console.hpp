#pragma once

#include <string_view>

namespace telemetry {

/// Writes to standard error and waits for nobody: what a full pipe, a stopped terminal or a slow
/// socket does not take at once is dropped. True if all of it was written. A text that was cut is
/// ended by a line break before the next one. Thread-safe.
bool write_at_once(std::string_view text);

}  // namespace telemetry
