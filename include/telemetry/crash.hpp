#pragma once

#include <filesystem>
#include <string_view>

namespace telemetry {

/// From here on a process that ends by SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT or std::terminate
/// leaves a file `crash-<UTC>-<pid>.txt` in `folder`, mode 0600, a few kilobytes at most: which
/// signal, where, on which thread, the last request that this thread began, and the calls that led
/// there as `module+offset [build id]`. Then what would have happened without it happens (a core
/// file, the report of a sanitizer). Written with what is safe in a signal's handler alone, on the
/// second stack of a thread that has one (base::name_thread); should
/// it hang all the same, the process ends after five seconds.
///
/// Once, by main, before any thread is started. False if the folder cannot be opened: then nothing
/// is changed.
bool record_crashes(const std::filesystem::path& folder, std::string_view version);

/// This thread begins a request. Costs the copy of a few bytes.
void note_request(std::string_view request_id);

}  // namespace telemetry
