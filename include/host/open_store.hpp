#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"
#include "database/store_file.hpp"
#include "host/environment.hpp"

namespace host {

/// Opens a store of a module, as the module has declared it. Blocks. One whose file is damaged, or
/// cannot be read, is out from the beginning; a view's file is set aside and an empty one takes its
/// place. Refused as database::Database::open is.
inline base::Result<std::unique_ptr<database::Database>> open_store(
    const database::StoreFile& store, std::vector<database::MigrationSet> schema,
    const database::Config& limits, const Environment& environment) {
    database::Options options;
    options.name = store.name;
    options.file = store.path;
    bool is_view = store.kind == database::StoreKind::view;
    options.durable = !is_view;
    options.if_unusable = is_view ? database::IfUnusable::set_aside : database::IfUnusable::go_out;
    options.if_sync_fails = store.kind == database::StoreKind::log ? environment.if_sync_fails
                                                                   : database::IfSyncFails::go_out;
    options.migrations = std::move(schema);
    options.limits = limits;
    options.metrics = &environment.metrics;
    return database::Database::open(std::move(options));
}

}  // namespace host
