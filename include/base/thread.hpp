#pragma once

namespace base {

/// At the beginning of each thread that runs modules' code: a second stack for signal handlers, so
/// that what ends a thread that ran out of its own can still be written down, and the name by which
/// the kernel and crash records know it (15 characters). For the life of the thread.
void name_thread(const char* name);

}  // namespace base
