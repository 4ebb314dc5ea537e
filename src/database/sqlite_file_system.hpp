#pragma once

namespace database {

/// The name of SQLite's default file system with one thing mended: SQLite takes a sync that a
/// signal interrupted (EINTR) for a disk that failed, where it repeats every other call. An
/// interrupted sync has failed at nothing, so it is tried again. (A sync that did fail is never
/// repeated: the kernel may have thrown the pages away and would say yes.)
const char* patient_file_system();

}  // namespace database
