#pragma once

#include <string>

#include "database/failure.hpp"

struct sqlite3;

namespace database {

/// What SQLite says of its last failure on `handle` (null: it could not even be made), as a
/// sentence that begins with `store` and holds no SQL.
Failure sqlite_failure(sqlite3* handle, const std::string& store);
/// The same for a result code alone; `error` is errno, 0 if it says nothing.
Failure sqlite_failure(int code, const std::string& store, const std::string& said, int error);

}  // namespace database
