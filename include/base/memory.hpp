#pragma once

namespace base {

/// Gives what was freed back to the system, now; the allocator would keep it for a while. Costs
/// milliseconds where much is free. Thread-safe.
void give_memory_back();

}  // namespace base
