#pragma once

#include <string>

namespace support {

/// Says that this test cannot run here, and why; the test then returns. ctest counts it as skipped,
/// never as passed (SKIP_REGULAR_EXPRESSION in tests/CMakeLists.txt). Since that holds for all of
/// it, whatever else it found, call this before anything is checked.
void skip(const std::string& reason);

}  // namespace support
