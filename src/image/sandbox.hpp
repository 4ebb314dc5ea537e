#pragma once

#include <cstdint>

namespace image {

/// From here on this process can only calculate, read and write what it has been given, and end: no
/// file can be opened, no socket made, no process started, none of the two limits passed. Whatever
/// else it asks of the kernel ends it (SIGSYS). False, and nothing is promised, where the kernel
/// does not do that. `file_bytes_max`: of a file that it writes.
bool enter_sandbox(std::int64_t memory_bytes_max, std::int64_t file_bytes_max);

}  // namespace image
