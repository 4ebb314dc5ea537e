#pragma once

#include <string>

#include "database/database.hpp"
#include "operations/health.hpp"

namespace host {

/// Whether a module's store can be written, and what else there is to say of it, for /readyz.
/// `database` outlives the check.
inline operations::Check store_check(std::string name, const database::Database& database) {
    return {std::move(name),
            [&database]() -> std::string {
                return database.writable() ? "" : "the store cannot be written";
            },
            [&database] { return database.warning(); }};
}

}  // namespace host
