#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"

namespace host {

/// Opens a store of a module, as the module has declared it. Blocks. Refused as
/// database::Database::open is.
inline base::Result<std::unique_ptr<database::Database>> open_store(
    const database::StoreFile& store, std::vector<database::MigrationSet> schema,
    const database::Config& limits, const Environment& environment) {
    database::Options options;
    options.name = store.name;
    options.file = store.path;
    options.durable = store.kind != database::StoreKind::view;
    options.migrations = std::move(schema);
    options.limits = limits;
    options.metrics = &environment.metrics;
    options.on_fatal = environment.on_fatal;
    return database::Database::open(std::move(options));
}

}  // namespace host
